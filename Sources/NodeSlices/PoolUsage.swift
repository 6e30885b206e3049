internal import EtcdClient
internal import IPTypes
internal import JSON
internal import KubernetesClient
internal import Whereabouts

/// Tells whether addresses of a slice are in use, by the slice's pool object.
struct PoolUsage {
    /// What came of trying to free a slice.
    enum Release {
        /// Its pool object is gone, or there was none.
        case free
        /// It has allocations.
        case used
        /// It was changed meanwhile.
        case unsettled
    }

    private let client: KubernetesClient
    private let namespace: String
    private let pools: APIResource

    init(client: KubernetesClient, namespace: String, group: String) {
        self.client = client
        self.namespace = namespace
        pools = APIResource(group: group, version: "v1alpha1", plural: "ippools")
    }

    /// Whether a slice has allocations.
    ///
    /// A pool object that can't be understood has: nobody knows.
    func isUsed(_ entry: SliceEntry, networkName: String, deadline: Deadline) throws(KubernetesError) -> Bool {
        guard let name = name(entry, networkName), let object = try read(name, deadline: deadline) else { return false }
        return Self.isUsed(object)
    }

    /// Deletes the pool object of a retired slice, if it has no allocation and nobody changes it meanwhile.
    func release(
        _ entry: SliceEntry,
        networkName: String,
        deadline: Deadline
    ) throws(KubernetesError) -> Release {
        guard let name = name(entry, networkName), let object = try read(name, deadline: deadline) else { return .free }
        guard !Self.isUsed(object) else { return .used }
        let verb = APIRequest.Verb.delete(
            uid: object.text("metadata", "uid"),
            resourceVersion: object.text("metadata", "resourceVersion")
        )
        switch try client.send(APIRequest(verb, pools, namespace: namespace, name: name), deadline: deadline) {
        case .object, .missing: return .free
        case .exists, .conflict, .unprocessable: return .unsettled
        }
    }

    private func name(_ entry: SliceEntry, _ networkName: String) -> String? {
        try? DividedNetwork.poolName(entry.prefix, node: entry.node, networkName: networkName)
    }

    private func read(_ name: String, deadline: Deadline) throws(KubernetesError) -> JSONValue? {
        guard
            case .object(let object) = try client.send(
                APIRequest(.get, pools, namespace: namespace, name: name),
                deadline: deadline
            )
        else { return nil }
        return object
    }

    private static func isUsed(_ object: JSONValue) -> Bool {
        guard case .object(let allocations)? = object.member("spec")?.member("allocations") else { return true }
        return !allocations.isEmpty
    }
}
