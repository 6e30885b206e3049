/// What a `LeaseKeepAlive` has to tell of one of its leases.
public struct LeaseKeepAliveResponse: Hashable, Sendable {
    /// The kinds of responses.
    public enum Content: Hashable, Sendable {
        /// The lease was renewed, and lives for so many seconds from then on.
        case renewed(timeToLive: Int64)
        /// There is no such lease: it has expired, was revoked, or never was. It is not kept alive any more.
        case notFound
        /// The lease could not be renewed in the time that it had to live, and has expired unless the servers were without a
        /// leader for a part of it. It is not kept alive any more.
        case unanswered
    }

    /// The lease's identifier.
    public let id: Int64
    /// What there is to tell.
    public let content: Content
}
