/// What every response says about the member that gave it.
public struct ResponseHeader: Hashable, Sendable {
    /// The cluster's identifier.
    public let clusterID: UInt64
    /// The answering member's identifier.
    public let memberID: UInt64
    /// The store's revision when the request was applied.
    public let revision: Int64
    /// The raft term, which rises with each election.
    public let raftTerm: UInt64
}
