public import EtcdClient
internal import Foundation

/// A real etcd of one member, on loopback, with its data in memory where the machine has /dev/shm.
///
/// It ends with its owner, and with the test process in any case: a shell holds it, and kills it when the pipe from
/// here closes.
public final class EtcdServer {
    /// The port of the client API.
    public private(set) var clientPort: UInt16 = 0
    /// The server's process.
    public private(set) var processIdentifier: Int32 = 0

    private let extraArguments: [String]
    private let directory: URL
    private var reservation: URL
    private var peerPort: UInt16 = 0
    private var keeper = Process()
    private var lifeline = Pipe()

    /// The server's program: WHEREABOUTS_ETCD may name another one than Debian's.
    private static let executable = ProcessInfo.processInfo.environment["WHEREABOUTS_ETCD"] ?? "/usr/bin/etcd"

    /// The server's version, for example 3.4.23; empty when there is no server.
    public static let version: String = {
        let output = (try? RunningProcess(executable, ["--version"]).wait().output) ?? ""
        return output.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? ""
    }()

    /// Starts a server and waits until it serves.
    public init(arguments: [String] = []) throws {
        extraArguments = arguments
        let memory = URL(fileURLWithPath: "/dev/shm")
        let parent =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        directory = parent.appendingPathComponent("etcd-test-\(UUID().uuidString)")
        reservation = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: directory)
        try? FileManager.default.removeItem(at: reservation)
    }

    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(clientPort)" }

    /// A client of its own for this server.
    public func client() throws -> EtcdClient {
        try EtcdClient(connectionString: endpoint)
    }

    /// Starts the server again with its data and on its port, after `stop`.
    public func start() throws {
        let isFirst = clientPort == 0
        for _ in 0..<20 {
            if isFirst {
                try reservePorts()
            }
            try launch()
            if waitUntilHealthy() { return }
            stop()
        }
        throw EtcdServerFailure(log: log)
    }

    /// Takes two ports that no other fixture has, in this process or another: a directory stands for them.
    private func reservePorts() throws {
        for _ in 0..<1000 {
            clientPort = .random(in: 10_000..<16_000) * 2
            peerPort = clientPort + 1
            reservation = directory.deletingLastPathComponent().appendingPathComponent("etcd-test-port-\(clientPort)")
            if (try? FileManager.default.createDirectory(at: reservation, withIntermediateDirectories: false)) != nil {
                return
            }
        }
        throw EtcdServerFailure(log: "no free port is left; remove \(reservation.path) and its like")
    }

    private func launch() throws {
        keeper = Process()
        lifeline = Pipe()
        let pidPipe = Pipe()
        let client = "http://127.0.0.1:\(clientPort)"
        let peer = "http://127.0.0.1:\(peerPort)"
        keeper.executableURL = URL(fileURLWithPath: "/bin/sh")
        keeper.arguments =
            [
                "-c", "\"$@\" >>\"$0\" 2>&1 </dev/null & echo $!; exec 1>&-; read _; kill -9 $!",
                logFile.path, Self.executable,
                "--name", "test", "--data-dir", directory.appendingPathComponent("data").path,
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "test=\(peer)",
                // A single member elects itself after this time.
                "--heartbeat-interval", "10", "--election-timeout", "100",
            ] + extraArguments
        keeper.standardInput = lifeline
        keeper.standardOutput = pidPipe
        try keeper.run()
        let line = String(decoding: pidPipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        processIdentifier = Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    private func waitUntilHealthy() -> Bool {
        guard let client = try? client() else { return false }
        let deadline = Deadline.after(.seconds(10))
        while !deadline.hasPassed, kill(processIdentifier, 0) == 0 {
            if (try? client.range(RangeRequest(.single("health")), deadline: .after(.seconds(1)))) != nil {
                return true
            }
        }
        return false
    }

    /// Kills the server; its data stay.
    public func stop() {
        guard processIdentifier != 0 else { return }
        try? lifeline.fileHandleForWriting.close()
        keeper.waitUntilExit()
        processIdentifier = 0
    }

    /// Stops the server's process where it is, connections open (SIGSTOP).
    public func freeze() {
        kill(processIdentifier, SIGSTOP)
    }

    /// Lets a frozen server go on.
    public func thaw() {
        kill(processIdentifier, SIGCONT)
    }

    /// The number of RPCs of a kind that the server was asked, by its own count (`grpc_server_started_total`).
    public func startedCalls(_ method: String) throws -> Int {
        let metrics = try RunningProcess.run("curl", "-sS", "http://\(endpoint)/metrics")
        let name = "grpc_server_started_total{grpc_method=\"\(method)\",grpc_service=\"etcdserverpb.KV\""
        let line = metrics.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
    }

    private var logFile: URL { directory.appendingPathComponent("log") }

    private var log: String {
        (try? String(contentsOf: logFile, encoding: .utf8)) ?? ""
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
