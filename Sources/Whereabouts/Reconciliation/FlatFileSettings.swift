package import EtcdClient
internal import JSON

/// What a flat file says to programs beside the plugin: where allocations are kept, and for how long and when.
///
/// Only the keys for that count, so that nothing else that is wrong with the file matters.
package struct FlatFileSettings: Hashable, Sendable {
    /// Where allocations are kept.
    package enum Store: Hashable, Sendable {
        /// An etcd.
        case etcd(EtcdConfiguration)
        /// Custom resources of this API group; how the API server is reached is the program's own business.
        case kubernetes(group: String)
    }

    /// The file.
    package let path: String
    /// Where allocations are kept.
    package let store: Store
    /// For how many seconds an address waits for its pod; 0 for not at all.
    package let retention: Int64
    /// The schedule of the reconciler; nil for none.
    package let reconcilerCronExpression: String?
    /// The journal of the node's pending releases; nil where none is kept.
    package let journal: NodeJournal?

    /// Reads a file, or the first one that there is in the places where the plugin looks.
    ///
    /// - Parameter path: The file, or its directory; nil for the plugin's places.
    /// - Throws: `ConfigurationError`, also when there is no file.
    package init(path: String?) throws(ConfigurationError) {
        let places = path.map { [$0] } ?? FlatFile.fixedPaths
        guard let file = try FlatFile.find(places) else {
            throw .missing(
                places.joined(separator: " or "),
                remedy: "there is no such flat file, nor a whereabouts.conf in such a directory; write one, or name it"
            )
        }
        do throws(ConfigurationError) {
            try self.init(file)
        } catch {
            throw error.naming("\(file.path): \(error.key)")
        }
    }

    private init(_ file: FlatFile) throws(ConfigurationError) {
        let wire = try WireConfiguration(ConfigurationPurpose.release.part(of: file.object))
        path = file.path
        switch wire.datastore ?? "etcd" {
        case "etcd": store = .etcd(try EtcdConfiguration(wire))
        case "kubernetes":
            store = .kubernetes(group: wire.kubernetesAPIGroup ?? KubernetesDatastore.defaultGroup)
        case let other:
            throw ConfigurationError(key: "datastore", value: other, reason: "must be etcd or kubernetes")
        }
        retention = max(0, wire.retain ?? 0)
        reconcilerCronExpression = try ObjectReader(file.object).string("reconciler_cron_expression")
        journal = try IPAMConfiguration.releaseJournal(wire).map { NodeJournal($0, wire.kubeconfig) }
    }
}
