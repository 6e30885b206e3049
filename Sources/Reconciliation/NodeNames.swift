internal import EtcdClient
internal import KubernetesClient

/// The nodes of a cluster.
enum NodeNames {
    private static let list = APIRequest(
        .list,
        APIResource(group: "", version: "v1", plural: "nodes"),
        namespace: nil,
        isMetadataOnly: true
    )

    /// The names of all nodes.
    static func list(_ client: KubernetesClient) throws(ReconciliationError) -> Set<String> {
        var names: Set<String> = []
        do throws(KubernetesError) {
            _ = try client.list(list, deadline: .after(.seconds(60))) { page in
                if page.isFirst { names = [] }
                names.formUnion(page.items.compactMap { $0.text("metadata", "name") })
                return true
            }
        } catch {
            throw .kubernetes(error)
        }
        return names
    }
}
