internal import EtcdClient
internal import IPAM
internal import KubernetesClient

/// The client of a configuration's store.
enum StoreClient {
    case etcd(EtcdClient)
    case kubernetes(KubernetesClient, group: String)

    /// The store with the ranges and the policy of a configuration.
    func datastore(_ configuration: IPAMConfiguration) -> any Datastore {
        switch self {
        case .etcd(let client):
            EtcdDatastore(client, retention: configuration.policy.retention, node: configuration.node)
        case .kubernetes(let client, let group):
            KubernetesDatastore(
                client,
                demands: configuration.demands,
                group: group,
                node: configuration.node,
                network: configuration.network
            )
        }
    }
}
