public import EtcdClient
internal import Foundation

/// A real etcd of one member, on loopback, with its data in memory where the machine has /dev/shm.
///
/// It ends with its owner, and with the test process in any case.
public final class EtcdServer {
    /// The port of the client API.
    public private(set) var clientPort: UInt16 = 0

    private let extraArguments: [String]
    private var access: EtcdAccess
    private var directory: ScratchDirectory?
    private var process: ServerProcess?

    /// The server's version, for example 3.4.23; empty when there is no server.
    public static let version: String = {
        let output = (try? RunningProcess(ServerProcess.etcd, ["--version"]).wait().output) ?? ""
        return output.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? ""
    }()

    /// Whether the server takes deletions in transactions when its quota is used up (CHANGELOG-3.4 and CHANGELOG-3.5 of etcd, pull requests
    /// 14254 and 14884); older ones refuse every transaction.
    public static let deletesWithoutSpace = {
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        return !numbers.lexicographicallyPrecedes(numbers.starts(with: [3, 4]) ? [3, 4, 22] : [3, 5, 7])
    }()

    /// Starts a server and waits until it serves.
    public init(security: EtcdSecurity = .plain, arguments: [String] = []) throws {
        extraArguments = arguments
        access = EtcdAccess(security)
        try start()
    }

    deinit {
        stop()
    }

    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(clientPort)" }

    /// The endpoint with the scheme that says whether the server speaks TLS.
    public var clientURL: String { "\(access.security.scheme)://\(endpoint)" }

    /// The server's process; 0 when it is stopped.
    public var processIdentifier: Int32 { process?.identifier ?? 0 }

    /// A client of its own for this server, without TLS and without a user.
    public func client() throws -> EtcdClient {
        try EtcdClient(connectionString: endpoint)
    }

    /// Starts the server again with its data and on its port, after `stop`.
    public func start() throws {
        let isFirst = directory == nil
        var log = ""
        for _ in 0..<20 {
            let directory = try isFirst ? reservePorts() : directory ?? reservePorts()
            let member = EtcdMember(
                name: "test",
                directory: directory.url.path,
                clientURL: clientURL,
                peerURL: "http://127.0.0.1:\(clientPort + 1)"
            )
            // A single member elects itself after the election time.
            let arguments = member.arguments(
                cluster: [member],
                heartbeatMilliseconds: 10,
                electionMilliseconds: 100,
                security: access.security
            )
            let process = try ServerProcess(ServerProcess.etcd, arguments + extraArguments, log: member.log)
            if waitUntilHealthy(process) {
                self.process = process
                return
            }
            log = (try? String(contentsOfFile: member.log, encoding: .utf8)) ?? ""
        }
        throw EtcdServerFailure(log: log)
    }

    /// Takes two ports that no other fixture has, in this process or another: a directory stands for them.
    private func reservePorts() throws -> ScratchDirectory {
        for _ in 0..<1000 {
            clientPort = .random(in: 10_000..<16_000) * 2
            if let free = try? ScratchDirectory(named: "etcd-test-port-\(clientPort)") {
                directory = free
                return free
            }
        }
        throw EtcdServerFailure(log: "no free port is left; remove the directories like etcd-test-port-\(clientPort)")
    }

    private func waitUntilHealthy(_ process: ServerProcess) -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline, process.isRunning {
            // With authentication this goes on without a user.
            if let answer = try? access.curl("\(clientURL)/health").wait(), answer.output.contains(#""true""#) {
                return true
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return false
    }

    /// Kills the server; its data stay.
    public func stop() {
        process?.kill()
        process = nil
    }

    /// Stops the server's process where it is, connections open (SIGSTOP), and waits until each of its threads stands
    /// still.
    public func freezeAndWait() throws {
        try process?.freezeAndWait()
    }

    /// Lets a frozen server go on.
    public func thaw() {
        process?.thaw()
    }

    /// Runs etcdctl on the server, as root once authentication is enabled, and returns what it prints.
    ///
    /// - Throws: `CommandFailure` when it does not end with status 0.
    @discardableResult
    public func etcdctl(_ arguments: String..., input: String = "") throws -> String {
        try access.etcdctl(at: clientURL, arguments, input: input)
    }

    /// Makes `EtcdUser.root` and the users given, each with a role of its own, and turns authentication on.
    public func enableAuthentication(_ users: EtcdUser...) throws {
        try access.enableAuthentication(users, at: clientURL)
    }

    /// The number of RPCs of a kind that the server was asked, by its own count (`grpc_server_started_total`).
    public func startedCalls(_ method: String, of service: String = "KV") throws -> Int {
        try metrics().sum(
            of: "grpc_server_started_total{grpc_method=\"\(method)\",grpc_service=\"etcdserverpb.\(service)\""
        )
    }

    /// The counts that the server publishes of itself.
    public func metrics() throws -> EtcdMetrics {
        let url = "\(clientURL)/metrics"
        return EtcdMetrics(text: try access.curl(url).wait().output(of: ["curl", url]))
    }
}

/// An etcd that did not come up, with its log.
public struct EtcdServerFailure: Error, CustomStringConvertible {
    let log: String

    /// The server's last words.
    public var description: String {
        "etcd did not start: \(log.suffix(2000))"
    }
}
