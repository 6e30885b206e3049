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
    /// A member answers clients, and has no leader.
    case cutOffFromPeers = "cut-off-from-peers"
    /// A member takes part in the cluster, and clients hear nothing of it.
    case cutOffFromClients = "cut-off-from-clients"
    /// Nobody hears anything of a member.
    case cutOffFromEveryone = "cut-off-from-everyone"
    /// The store's quota is used up (NOSPACE) and made room in again.
    case quotaExceeded = "quota-exceeded"
    /// The store's history is compacted, and the members' files are defragmented one after the other.
    case compaction

    /// Whether the fault befalls single calls and not etcd.
    var isOfPlugin: Bool {
        self == .pluginKilled || self == .pluginTerminated
    }
}
