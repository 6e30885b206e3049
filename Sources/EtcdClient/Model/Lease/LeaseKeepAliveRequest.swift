/// A request to renew a lease (etcd API, Lease.LeaseKeepAlive).
struct LeaseKeepAliveRequest: Hashable {
    let id: Int64
}
