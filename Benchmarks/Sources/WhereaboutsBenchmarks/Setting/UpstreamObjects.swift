internal import EtcdClient
internal import JSON
internal import KubernetesClient

/// Upstream's objects in a namespace, as the user of a kubeconfig sees them.
struct UpstreamObjects {
    private let client: KubernetesClient

    /// Reads how the API server is reached.
    init(kubeconfig: String) throws {
        client = try KubernetesClient(.kubeconfig(path: kubeconfig))
    }

    /// How many addresses are given out.
    ///
    /// - Throws: `Network.WrongAddresses` when the pool objects have another number of entries than there are reservations.
    func countOfAddresses() throws -> Int {
        let entries = try objects("ippools").reduce(0) { sum, pool in
            guard case .object(let allocations)? = pool.member("spec")?.member("allocations") else { return sum }
            return sum + allocations.count
        }
        let reservations = try objects("overlappingrangeipreservations").count
        guard entries == reservations else {
            throw Network.WrongAddresses(description: "\(entries) pool entries have \(reservations) reservations")
        }
        return entries
    }

    /// Deletes all of them, which calls that failed may have left.
    func deleteAll() throws {
        for plural in ["ippools", "overlappingrangeipreservations"] {
            for object in try objects(plural) {
                guard case .string(let name)? = object.member("metadata")?.member("name") else { continue }
                let delete = APIRequest.Verb.delete(uid: nil, resourceVersion: nil)
                let request = APIRequest(delete, resource(plural), namespace: client.namespace, name: name)
                _ = try client.send(request, deadline: .after(.seconds(60)))
            }
        }
    }

    private func resource(_ plural: String) -> APIResource {
        APIResource(group: "whereabouts.cni.cncf.io", version: "v1alpha1", plural: plural)
    }

    private func objects(_ plural: String) throws -> [JSONValue] {
        var objects: [JSONValue] = []
        let request = APIRequest(.list, resource(plural), namespace: client.namespace)
        _ = try client.list(request, deadline: .after(.seconds(60))) { page in
            objects += page.items
            return true
        }
        return objects
    }
}
