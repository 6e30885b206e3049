/// A question about a lease (etcd API, Lease.LeaseTimeToLive).
struct LeaseTimeToLiveRequest: Hashable {
    let id: Int64
    let withKeys: Bool
}
