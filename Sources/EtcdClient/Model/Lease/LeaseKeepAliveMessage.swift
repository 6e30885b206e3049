/// What the server says of a lease that it was asked to renew (etcd API, message LeaseKeepAliveResponse).
struct LeaseKeepAliveMessage: Hashable {
    let header: ResponseHeader?
    let id: Int64
    /// Seconds; 0 when there is no such lease.
    let timeToLive: Int64
}
