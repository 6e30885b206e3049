/// What a run may break.
enum FaultKind: String, Codable, Sendable, CaseIterable, Hashable {
    /// A plugin process ends in the midst (SIGKILL).
    case pluginKilled = "plugin-killed"
    /// A plugin process is asked to end (SIGTERM).
    case pluginTerminated = "plugin-terminated"
    /// A member's process ends; connections are reset, and new ones refused.
    case memberKilled = "member-killed"
    /// A member's process stands still, connections open.
    case memberFrozen = "member-frozen"
    /// Everything to and from a member takes longer.
    case memberSlowed = "member-slowed"
    /// A member answers clients, and has no leader.
    case cutOffFromPeers = "cut-off-from-peers"
    /// A member takes part in the cluster, and clients hear nothing of it.
    case cutOffFromClients = "cut-off-from-clients"
    /// Nobody hears anything of a member.
    case cutOffFromEveryone = "cut-off-from-everyone"
    /// A member's connections end behind what a client sent, and before the answer: what was committed is not acknowledged.
    case connectionCut = "connection-cut"
    /// The store's quota is used up (NOSPACE) and made room in again.
    case quotaExceeded = "quota-exceeded"
    /// The store's history is compacted, and the members' files are defragmented one after the other.
    case compaction
    /// A node's wall clock is put forward or back by hours, and right again.
    case clockJumped = "clock-jumped"

    /// Whether the fault befalls single calls and not etcd.
    var isOfPlugin: Bool {
        self == .pluginKilled || self == .pluginTerminated
    }
}
