/// All leases (etcd API, Lease.LeaseLeases).
struct LeaseLeasesResponse: Hashable {
    let header: ResponseHeader
    let ids: [Int64]
}
