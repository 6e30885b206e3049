internal import Foundation

/// A real etcd cluster, each member in a network namespace of its own, as root only.
///
/// Clients on the host reach the members by a subnet of the cluster's own, and the members each other by another
/// network, so that either can be cut while the other stays. What is cut is silent: no connection is refused or reset.
/// Everything ends with its owner, and with the test process in any case.
public final class EtcdCluster {
    /// How the members serve their clients; among themselves they do without TLS.
    public enum Security: Sendable {
        /// Without TLS.
        case plain
        /// With TLS and a certificate for the members' addresses that `TLSFixture.ca` signed.
        case tls(clientAuthentication: Bool)
    }

    /// Those whom a member can be cut off from.
    public enum Party: Sendable {
        /// The other members: clients reach it, and it has no leader.
        case peers
        /// The clients: it still is a member that votes and may lead.
        case clients
        /// Both.
        case everyone
    }

    private final class Member {
        let configuration: EtcdMember
        let namespace: NetworkNamespace
        var process: ServerProcess?
        var isFrozen = false
        var isolation: Party?

        init(_ configuration: EtcdMember, _ namespace: NetworkNamespace) {
            self.configuration = configuration
            self.namespace = namespace
        }

        /// Whether it can be a part of the cluster's majority.
        var isConnected: Bool {
            process != nil && !isFrozen && (isolation == nil || isolation == .clients)
        }
    }

    private let members: [Member]
    private let network: EtcdClusterNetwork
    private let directory: ScratchDirectory
    private let extraArguments: [String]
    private var access: EtcdAccess

    /// Starts a cluster and waits until all members serve.
    public init(members count: Int = 3, security: Security = .plain, arguments: [String] = []) throws {
        let network = try EtcdClusterNetwork(members: count)
        let directory = try ScratchDirectory("etcd-test-cluster")
        switch security {
        case .plain:
            access = EtcdAccess(.plain)
        case .tls(let clientAuthentication):
            let server = try TLSFixture(addresses: (0..<count).map(network.clientAddress), in: directory)
            access = EtcdAccess(.tls(server: server, clientAuthentication: clientAuthentication))
        }
        let scheme = access.security.scheme
        members = network.members.enumerated().map { index, namespace in
            let configuration = EtcdMember(
                name: "member\(index)",
                directory: directory.url.path,
                clientURL: "\(scheme)://\(network.clientAddress(index)):2379",
                peerURL: "http://\(network.peerAddress(index)):2380"
            )
            return Member(configuration, namespace)
        }
        self.network = network
        self.directory = directory
        extraArguments = arguments
        for index in members.indices {
            try start(index)
        }
        for index in members.indices {
            try waitUntilHealthy(index)
        }
    }

    deinit {
        for index in members.indices {
            kill(index)
        }
    }

    /// The address at which each member serves clients, on port 2379.
    public var clientAddresses: [String] {
        members.indices.map(network.clientAddress)
    }

    /// Each member's endpoint as `etcd_host` takes it.
    public var endpoints: [String] {
        clientAddresses.map { "\($0):2379" }
    }

    /// Each member's endpoint with the scheme that says whether it speaks TLS.
    public var clientURLs: [String] {
        members.map(\.configuration.clientURL)
    }

    /// Each member's network namespace.
    public var namespaces: [NetworkNamespace] { network.members }

    /// Each member's process; 0 for one that was killed.
    public var processIdentifiers: [Int32] {
        members.map { $0.process?.identifier ?? 0 }
    }

    /// Kills a member; its data stay.
    public func kill(_ member: Int) {
        members[member].process?.kill()
        members[member].process = nil
        members[member].isFrozen = false
    }

    /// Starts a member that was killed; without a majority it does not serve.
    public func start(_ member: Int) throws {
        guard members[member].process == nil else { return }
        let configuration = members[member].configuration
        let arguments = configuration.arguments(
            cluster: members.map(\.configuration),
            heartbeatMilliseconds: 50,
            electionMilliseconds: 500,
            security: access.security
        )
        members[member].process = try ServerProcess(
            ServerProcess.etcd,
            arguments + extraArguments,
            log: configuration.log,
            namespace: members[member].namespace
        )
    }

    /// Stops a member's process where it is, connections open (SIGSTOP), and waits until each of its threads stands
    /// still.
    public func freezeAndWait(_ member: Int) throws {
        try members[member].process?.freezeAndWait()
        members[member].isFrozen = true
    }

    /// Lets a frozen member go on.
    public func thaw(_ member: Int) {
        members[member].process?.thaw()
        members[member].isFrozen = false
    }

    /// Loses from now on what goes between a member and others, both ways.
    ///
    /// The member learns of it by the silence: see `waitUntilLeaderless`.
    public func isolate(_ member: Int, from party: Party) throws {
        try network.connect(member, toPeers: party == .clients, toClients: party == .peers)
        members[member].isolation = party
    }

    /// Ends the isolation of a member.
    public func heal(_ member: Int) throws {
        try network.connect(member, toPeers: true, toClients: true)
        members[member].isolation = nil
    }

    /// Has from now on everything to and from a member take longer, each way by a time in a range; nil for no longer.
    ///
    /// The kernel must be able to, see `Host.canDelayPackets`.
    public func delay(_ member: Int, by range: ClosedRange<Duration>?) throws {
        try network.delay(member, by: range)
    }

    /// The member that leads, if a majority says so of one that is neither stopped, frozen nor cut off from its peers.
    public func leader() throws -> Int? {
        let statuses = try statuses(of: members.indices.filter { members[$0].isConnected })
        for (index, status) in statuses {
            let followers = statuses.values.filter {
                $0.leader == status.header.memberID && $0.header.term == status.header.term
            }
            if followers.count > members.count / 2 { return index }
        }
        return nil
    }

    /// Waits until there is a leader.
    ///
    /// - Throws: `EtcdClusterFailure` after a minute.
    @discardableResult
    public func waitForLeader() throws -> Int {
        try wait("there is no leader") { try leader() }
    }

    /// Waits until a member knows that it has no leader.
    ///
    /// - Throws: `EtcdClusterFailure` after a minute.
    public func waitUntilLeaderless(_ member: Int) throws {
        try wait("member \(member) has a leader") {
            let status = try statuses(of: [member])[member]
            return status != nil && status?.leader == nil ? true : nil
        }
    }

    /// Waits until a member serves: until it has a leader and takes part in consensus.
    ///
    /// - Throws: `EtcdClusterFailure` after a minute, or when the member's process has ended.
    public func waitUntilHealthy(_ member: Int) throws {
        try wait("member \(member) does not serve") {
            let url = "\(members[member].configuration.clientURL)/health"
            let answer = try access.curl(url, in: members[member].namespace).wait()
            return answer.output.contains(#""true""#) ? true : nil
        }
    }

    /// Runs etcdctl on one member, as root once authentication is enabled, and returns what it prints.
    ///
    /// - Throws: `CommandFailure` when it does not end with status 0.
    @discardableResult
    public func etcdctl(at member: Int, _ arguments: String..., input: String = "") throws -> String {
        try access.etcdctl(at: members[member].configuration.clientURL, arguments, input: input)
    }

    /// Makes `EtcdUser.root` and the users given, each with a role of its own, and turns authentication on.
    public func enableAuthentication(_ users: EtcdUser...) throws {
        try access.enableAuthentication(users, at: clientURLs.joined(separator: ","))
    }

    /// Tries again and again until there is a value.
    @discardableResult
    private func wait<Value>(_ trouble: String, until body: () throws -> Value?) throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        repeat {
            if let value = try body() { return value }
            Thread.sleep(forTimeInterval: 0.02)
        } while ContinuousClock.now < deadline && members.allSatisfy { $0.process?.isRunning ?? true }
        let logs = members.map { (try? String(contentsOfFile: $0.configuration.log, encoding: .utf8)) ?? "" }
        throw EtcdClusterFailure(trouble: trouble, logs: logs)
    }

    /// What `etcdctl endpoint status` says of one endpoint.
    private struct Status: Decodable {
        struct Header: Decodable {
            let memberID: UInt64
            let term: UInt64

            enum CodingKeys: String, CodingKey {
                case memberID = "member_id"
                case term = "raft_term"
            }
        }

        struct Entry: Decodable {
            let status: Status

            enum CodingKeys: String, CodingKey {
                case status = "Status"
            }
        }

        let header: Header
        /// The member that leads, as this one knows; nil when it knows none.
        let leader: UInt64?
    }

    /// The status of those members that answer; each is asked from within its namespace, whatever is cut.
    private func statuses(of indices: [Int]) throws -> [Int: Status] {
        let arguments = [
            "--dial-timeout", "2s", "--command-timeout", "2s", "endpoint", "status", "--write-out", "json",
        ]
        let asked = try indices.map { index in
            let member = members[index]
            let url = member.configuration.clientURL
            return try (index, access.etcdctl(anonymouslyAt: url, arguments, in: member.namespace))
        }
        var statuses: [Int: Status] = [:]
        for (index, process) in asked {
            let output = try process.wait().output
            statuses[index] = try? JSONDecoder().decode([Status.Entry].self, from: Data(output.utf8)).first?.status
        }
        return statuses
    }
}

/// A cluster that did not come to the state that was waited for.
public struct EtcdClusterFailure: Error, CustomStringConvertible {
    let trouble: String
    let logs: [String]

    /// What is wrong, and the last words of each member.
    public var description: String {
        ([trouble] + logs.map { String($0.suffix(1000)) }).joined(separator: "\n\n")
    }
}
