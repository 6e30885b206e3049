/// A request for a lease (etcd API, Lease.LeaseGrant).
struct LeaseGrantRequest: Hashable {
    let timeToLive: Int64
    let id: Int64
}
