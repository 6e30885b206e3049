/// A lease that was granted (etcd API, message LeaseGrantResponse).
public struct LeaseGrantResponse: Hashable, Sendable {
    /// About the member that answered.
    public let header: ResponseHeader
    /// The lease's identifier, never 0.
    public let id: Int64
    /// The time to live in seconds, which the server may have chosen longer than it was asked for.
    public let timeToLive: Int64
}
