internal import EtcdClient
internal import EtcdLab
internal import Foundation
internal import Synchronization

/// The etcd of a run: one that the run starts and breaks, or one that is there and only used.
///
/// Its functions block, and one waits for the other.
final class Lab: Sendable {
    /// What the run may do to it.
    private enum Store {
        case server(EtcdServer)
        case cluster(EtcdCluster)
        case foreign
    }

    /// The client that looks at the store and fills it; and what plugins are told of it, as keys of `ipam`.
    let configuration: EtcdConfiguration
    private let keys: [String: String]
    /// The members' own endpoints, where `keys` names those of proxies.
    private let directHost: String
    /// The password that must not show up anywhere.
    let secret: String?
    /// The number of members; 0 for an etcd that is not the run's.
    let memberCount: Int

    private let store: Mutex<Store>
    /// What stands between plugins and each member; nothing where no fault asks for it.
    private let proxies: [MemberProxy]
    /// How large the store may become, in bytes; small, so that it is soon full.
    private static let quota = 48 << 20
    private static let password = "harness-\(UInt64.random(in: 0 ... .max))"
    private static let junk = "/whereabouts-harness/junk/"

    /// Starts the etcd that a plan asks for.
    ///
    /// - Throws: `HarnessError`, and what keeps etcd from starting.
    init(_ plan: RunPlan) throws {
        if let etcd = plan.etcd {
            store = Mutex(.foreign)
            proxies = []
            memberCount = 0
            configuration = try etcd.configuration()
            secret = configuration.user?.password.revealed
            keys = Self.keys(etcd.endpoints, configuration.tls, configuration.user)
            directHost = etcd.endpoints
            return
        }
        let user = EtcdUser("whereabouts", password: Self.password, access: .readWrite(prefix: "/whereabouts"))
        let (store, urls) = try Self.start(plan, user)
        self.store = Mutex(store)
        proxies = Self.needsProxies(plan.faults) ? try Self.proxies(before: urls, plan.seed) : []
        memberCount = plan.members
        secret = plan.security == .tlsWithUser ? Self.password : nil
        var configuration = EtcdConfiguration(endpoints: try Endpoint.list(urls.joined(separator: ",")))
        if plan.security != .plain {
            // Its common name is no user's, so that a password counts where there is one.
            let identity = TLSFixture.clientNobody
            configuration.tls = TLSConfiguration(
                caFile: TLSFixture.ca,
                certificateFile: identity.certificate,
                keyFile: identity.key
            )
        }
        directHost = urls.joined(separator: ",")
        let shown = proxies.isEmpty ? urls : proxies.map { "\(plan.security.scheme)://\($0.endpoint)" }
        keys = Self.keys(
            shown.joined(separator: ","),
            configuration.tls,
            secret.map { UserCredentials(name: user.name, password: Secret($0)) }
        )
        if plan.security == .tlsWithUser {
            let root = EtcdUser.root
            configuration.user = UserCredentials(name: root.name, password: Secret(root.password ?? ""))
        }
        self.configuration = configuration
    }

    /// What the plugins of a node are told, as keys of `ipam`.
    ///
    /// Those of every other node reach the members directly: a proxy takes connections also for a member that is not there.
    func keys(for node: SimulatedNode) -> [String: String] {
        node.number.isMultiple(of: 2) ? keys : keys.merging(["etcd_host": directHost]) { $1 }
    }

    private static func keys(
        _ endpoints: String,
        _ tls: TLSConfiguration,
        _ user: UserCredentials?
    ) -> [String: String] {
        [
            "etcd_host": endpoints, "etcd_ca_cert_file": tls.caFile, "etcd_cert_file": tls.certificateFile,
            "etcd_key_file": tls.keyFile, "etcd_username": user?.name, "etcd_password": user?.password.revealed,
        ].compactMapValues { $0 }
    }

    /// Starts the servers, and returns them with their endpoints.
    private static func start(_ plan: RunPlan, _ user: EtcdUser) throws -> sending (Store, urls: [String]) {
        let arguments = plan.faults.contains(.quotaExceeded) ? ["--quota-backend-bytes", String(quota)] : []
        if Host.isRoot {
            let cluster = try EtcdCluster(
                members: plan.members,
                security: plan.security == .plain ? .plain : .tls(clientAuthentication: true),
                arguments: arguments
            )
            try cluster.waitForLeader()
            if plan.security == .tlsWithUser { try cluster.enableAuthentication(user) }
            return (.cluster(cluster), cluster.clientURLs)
        }
        guard plan.members == 1, plan.security == .plain else {
            throw HarnessError(
                "\(plan.members) members with security \(plan.security.rawValue) need network namespaces, which need root; "
                    + "run as root, or with --members 1 --security plain"
            )
        }
        let server = try EtcdServer(arguments: arguments)
        return (.server(server), [server.clientURL])
    }

    /// Whether faults can't be brought about without something between plugins and members.
    private static func needsProxies(_ faults: Set<FaultKind>) -> Bool {
        faults.contains(.connectionCut) || faults.contains(.memberSlowed) && !Host.canDelayPackets
    }

    private static func proxies(before urls: [String], _ seed: UInt64) throws -> [MemberProxy] {
        var random = SplitMix64(seed: seed)
        return try Endpoint.list(urls.joined(separator: ",")).map { endpoint in
            try MemberProxy(to: endpoint.host, port: Int(endpoint.port), seed: random.next())
        }
    }

    /// The faults that this lab can make of those that are asked for.
    func possible(_ faults: Set<FaultKind>) -> [FaultKind] {
        let cutting: Set<FaultKind> = [.cutOffFromPeers, .cutOffFromClients, .cutOffFromEveryone]
        return FaultKind.allCases.filter { kind in
            guard faults.contains(kind) else { return false }
            return store.withLock { store in
                switch store {
                case .cluster: memberCount > 1 || kind != .cutOffFromPeers
                case .server: !cutting.contains(kind)
                case .foreign: kind.isOfPlugin || kind == .clockJumped
                }
            }
        }
    }

    /// Lets a fault befall a member, or the store; the seed is for what it leaves to chance.
    func strike(_ kind: FaultKind, member: Int, seed: UInt64) throws {
        switch kind {
        case .pluginKilled, .pluginTerminated, .clockJumped: break
        case .quotaExceeded: try fill()
        case .compaction: try compact()
        case .connectionCut: proxies[member].conduct = .cutting
        case .memberSlowed:
            var random = SplitMix64(seed: seed)
            let least = Int.random(in: 50...150, using: &random)
            try slow(member, by: .milliseconds(least)...(.milliseconds(least + .random(in: 10...150, using: &random))))
        case .memberKilled, .memberFrozen, .cutOffFromPeers, .cutOffFromClients, .cutOffFromEveryone:
            try store.withLock { store in
                switch (store, kind) {
                case (.cluster(let cluster), _): try kind.clusterFault.map { try cluster.strike(member, with: $0) }
                case (.server(let server), .memberKilled): server.stop()
                case (.server(let server), .memberFrozen): try server.freezeAndWait()
                default: break
                }
            }
        }
    }

    /// Ends a fault, and waits until the member serves again.
    func recover(_ kind: FaultKind, member: Int) throws {
        switch kind {
        case .pluginKilled, .pluginTerminated, .clockJumped, .compaction: break
        case .quotaExceeded: try makeRoom()
        case .connectionCut: proxies[member].conduct = .forwarding
        case .memberSlowed: try slow(member, by: nil)
        case .memberKilled, .memberFrozen, .cutOffFromPeers, .cutOffFromClients, .cutOffFromEveryone:
            try store.withLock { store in
                switch (store, kind) {
                case (.cluster(let cluster), _): try kind.clusterFault.map { try cluster.recover(member, from: $0) }
                case (.server(let server), .memberKilled): try server.start()
                case (.server(let server), .memberFrozen): server.thaw()
                default: break
                }
            }
        }
    }

    /// Has everything to and from a member take longer, or as long as it does; by the kernel where it can.
    private func slow(_ member: Int, by range: ClosedRange<Duration>?) throws {
        try store.withLock { store in
            if case .cluster(let cluster) = store, Host.canDelayPackets {
                try cluster.delay(member, by: range)
            } else {
                proxies[member].conduct = range.map { .delaying($0) } ?? .forwarding
            }
        }
    }

    /// The number of connections that were cut while the member had something to say.
    var cutCount: Int { proxies.reduce(0) { $0 + $1.cutCount } }

    /// Makes sure that the store answers, so that no plugin is blamed for what nobody could do.
    ///
    /// - Throws: `EtcdError`, which says why not.
    func checkReach() throws {
        _ = try client().range(RangeRequest(.single(Key(Self.junk))), deadline: .after(.seconds(10)))
    }

    /// A client of the store.
    func client() throws -> EtcdClient {
        try EtcdClient(configuration)
    }

    /// Ends what was started; the processes end, and the files go.
    func close() {
        for proxy in proxies { proxy.close() }
        store.withLock { $0 = .foreign }
    }

    // MARK: - The store's space and history

    /// Writes until the store takes no more.
    private func fill() throws {
        let client = try client()
        let value = [UInt8](repeating: 0x2a, count: 1 << 20)
        for number in 0..<(2 * Self.quota >> 20) {
            guard try client.adds(Key("\(Self.junk)\(number)"), value) else { return }
        }
    }

    private func makeRoom() throws {
        let client = try client()
        try client.deleteRange(DeleteRangeRequest(.prefix(Key(Self.junk))), deadline: .after(.seconds(30)))
        try compact()
        for alarm in try client.maintenance.alarms(deadline: .after(.seconds(10))) {
            _ = try client.maintenance.disarm(alarm, deadline: .after(.seconds(10)))
        }
    }

    private func compact() throws {
        let client = try client()
        let header = try client.range(RangeRequest(.single(Key(Self.junk))), deadline: .after(.seconds(10))).header
        if let revision = header?.revision {
            try client.compactOnce(revision)
        }
        for endpoint in configuration.endpoints {
            var single = configuration
            single.endpoints = [endpoint]
            try EtcdClient(single).maintenance.defragment(deadline: .after(.seconds(60)))
        }
    }
}

extension FaultKind {
    /// The same in the lab's words; nil for what befalls no member.
    fileprivate var clusterFault: ClusterFault? {
        switch self {
        case .memberKilled: .killed
        case .memberFrozen: .frozen
        case .cutOffFromPeers: .cutOffFromPeers
        case .cutOffFromClients: .cutOffFromClients
        case .cutOffFromEveryone: .cutOffFromEveryone
        case .pluginKilled, .pluginTerminated, .memberSlowed, .connectionCut, .quotaExceeded, .compaction, .clockJumped:
            nil
        }
    }
}

extension EtcdClient {
    /// Writes a key; false when the store has no space for it.
    fileprivate func adds(_ key: Key, _ value: [UInt8]) throws(EtcdError) -> Bool {
        do throws(EtcdError) {
            try put(PutRequest(key, value), deadline: .after(.seconds(10)))
        } catch {
            if error.code == .server(.noSpace) { return false }
            guard error.code == .outcomeUnknown || error.code == .timedOut else { throw error }
        }
        return true
    }

    /// Compacts the history unless somebody else has done so.
    fileprivate func compactOnce(_ revision: Int64) throws(EtcdError) {
        do throws(EtcdError) {
            try compact(revision: revision, physical: true, deadline: .after(.seconds(30)))
        } catch  where error.code == .server(.compacted) {}
    }
}
