internal import CNI
internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient
internal import Reconciliation
internal import Whereabouts

/// Reads the pools of the cluster's networks from their NetworkAttachmentDefinitions.
struct PoolReader {
    private static let definitions = APIRequest(
        .list,
        APIResource(group: "k8s.cni.cncf.io", version: "v1", plural: "network-attachment-definitions"),
        namespace: nil
    )

    let client: KubernetesClient
    let node: String
    let flatFile: FlatFileSettings

    /// The pools, each range of a domain once, and what can't be used.
    func read() throws(ReconciliationError) -> (pools: [ConfiguredPool], faults: [String]) {
        var items: [JSONValue] = []
        do throws(KubernetesError) {
            _ = try client.list(Self.definitions, deadline: .after(.seconds(60))) { page in
                if page.isFirst { items = [] }
                items += page.items
                return true
            }
        } catch {
            throw .kubernetes(error)
        }
        var pools: [ConfiguredPool] = []
        var faults: [String] = []
        for item in items {
            // Without a text the configuration is a file of each node.
            guard let text = item.text("spec", "config"), !text.isEmpty else { continue }
            let name = item.text("metadata", "name") ?? ""
            do throws(CNIError) {
                pools += try ConfiguredPool.list(Array(text.utf8), name: name, node: node, settings: flatFile)
            } catch {
                faults.append(
                    "network-attachment-definition \(item.text("metadata", "namespace") ?? "")/\(name): \(error)"
                )
            }
        }
        var seen: Set<[String]> = []
        pools.removeAll { pool in
            !seen.insert([pool.demand.domain.networkName, pool.range.description, pool.demand.pool.bounds.description])
                .inserted
        }
        return (pools, faults)
    }
}
