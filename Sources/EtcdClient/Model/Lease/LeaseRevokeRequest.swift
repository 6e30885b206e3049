/// The end of a lease (etcd API, Lease.LeaseRevoke).
struct LeaseRevokeRequest: Hashable {
    let id: Int64
}
