/// A kind of object as the API serves it, `/apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL`.
public struct APIResource: Hashable, Sendable {
    /// The API group; empty for the core's.
    public let group: String
    /// The version, for example `v1alpha1`.
    public let version: String
    /// The plural that stands in paths, for example `ippools`.
    public let plural: String

    /// Makes a resource.
    public init(group: String, version: String, plural: String) {
        self.group = group
        self.version = version
        self.plural = plural
    }

    /// The group and the version, as objects name them.
    public var apiVersion: String {
        group.isEmpty ? version : "\(group)/\(version)"
    }

    /// The path of the kind's objects in a namespace, or of one of them, percent-encoded.
    func path(namespace: String?, name: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if let namespace {
            path += "/namespaces/\(PercentEncoding.encode(namespace))"
        }
        path += "/\(plural)"
        if let name {
            path += "/\(PercentEncoding.encode(name))"
        }
        return path
    }
}
