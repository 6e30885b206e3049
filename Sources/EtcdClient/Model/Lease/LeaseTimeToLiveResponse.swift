/// How long a lease lives, and what is attached to it (etcd API, message LeaseTimeToLiveResponse).
public struct LeaseTimeToLiveResponse: Hashable, Sendable {
    /// About the member that answered.
    public let header: ResponseHeader
    /// The lease's identifier.
    public let id: Int64
    /// The seconds that are left, rounded down; negative when there is no such lease.
    public let remaining: Int64
    /// The time to live in seconds that was granted.
    public let granted: Int64
    /// The keys that are attached to the lease, in no order, when asked for.
    public let keys: [Key]
}
