public import EtcdClient

/// Where allocations are kept, and how that is reached.
public enum StoreConfiguration: Hashable, Sendable {
    /// An etcd.
    case etcd(EtcdConfiguration)
    /// Custom resources of a Kubernetes API server.
    case kubernetes(KubernetesConfiguration)

    /// The etcd; nil for another store.
    public var etcd: EtcdConfiguration? {
        guard case .etcd(let etcd) = self else { return nil }
        return etcd
    }
}
