/// How a member is (etcd API, message StatusResponse).
public struct StatusResponse: Hashable, Sendable {
    /// About the member that answered.
    public let header: ResponseHeader
    /// The server's version, for example `3.5.1`.
    public let version: String
    /// The size of the member's database file in bytes, free pages included.
    public let databaseSize: Int64
    /// The bytes of the database that are in use; a defragmentation frees the others.
    public let databaseSizeInUse: Int64
    /// The leader's identifier; nil when the member knows of none.
    public let leaderID: UInt64?
    /// The index of the last entry that raft has committed.
    public let raftIndex: UInt64
    /// The raft term.
    public let raftTerm: UInt64
    /// The index of the last entry that the member has applied.
    public let raftAppliedIndex: UInt64
    /// What is wrong with the member, alarms for example, in the server's words.
    public let errors: [String]
    /// Whether the member only follows and has no vote yet.
    public let isLearner: Bool
}
