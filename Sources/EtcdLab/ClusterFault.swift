/// What befalls a member of a cluster.
public enum ClusterFault: CaseIterable, Sendable {
    /// Its process ends; connections are reset, and new ones refused.
    case killed
    /// Its process stands still; the kernel goes on accepting connections for it.
    case frozen
    /// It answers clients, and has no leader.
    case cutOffFromPeers
    /// It takes part in the cluster, and clients hear nothing of it.
    case cutOffFromClients
    /// Nobody hears anything of it.
    case cutOffFromEveryone

    /// Whether the others must elect a new leader when it befalls the leader.
    public var deposesLeader: Bool { self != .cutOffFromClients }
}

extension EtcdCluster {
    /// Lets a fault befall a member.
    public func strike(_ member: Int, with fault: ClusterFault) throws {
        switch fault {
        case .killed: kill(member)
        case .frozen: try freezeAndWait(member)
        case .cutOffFromPeers: try isolate(member, from: .peers)
        case .cutOffFromClients: try isolate(member, from: .clients)
        case .cutOffFromEveryone: try isolate(member, from: .everyone)
        }
    }

    /// Ends a fault, and waits until the member serves again.
    public func recover(_ member: Int, from fault: ClusterFault) throws {
        switch fault {
        case .killed: try start(member)
        case .frozen: thaw(member)
        case .cutOffFromPeers, .cutOffFromClients, .cutOffFromEveryone: try heal(member)
        }
        try waitUntilHealthy(member)
    }
}
