/// A member of the cluster (etcd API, message Member).
public struct Member: Hashable, Sendable {
    /// The member's identifier, which never changes.
    public let id: UInt64
    /// The name that the member was started with; empty before it starts for the first time.
    public let name: String
    /// Where the other members reach it.
    public let peerURLs: [String]
    /// Where clients reach it; empty before it starts for the first time.
    public let clientURLs: [String]
    /// Whether it only follows and has no vote yet.
    public let isLearner: Bool
}
