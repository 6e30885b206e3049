import EtcdClient
import Foundation

/// An etcd of one member on loopback, which ends with its owner.
final class Etcd {
    let endpoint: String
    private let process: Process

    /// The repository's certificates for tests.
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("tls-fixtures").path

    /// The files that a client needs where TLS is spoken.
    static let tls = TLSConfiguration(
        caFile: "\(fixtures)/ca.crt",
        certificateFile: "\(fixtures)/client-ecdsa.crt",
        keyFile: "\(fixtures)/client-ecdsa.key"
    )

    /// Starts an etcd; with `securely` it demands client certificates.
    init(in scratch: ScratchDirectory, securely: Bool = false) throws {
        let scheme = securely ? "https" : "http"
        for _ in 0..<10 {
            let port = Int.random(in: 20_000..<30_000)
            let client = "\(scheme)://127.0.0.1:\(port)"
            let peer = "http://127.0.0.1:\(port + 10_000)"
            let candidate = Process()
            candidate.executableURL = URL(fileURLWithPath: "/usr/bin/etcd")
            candidate.arguments = [
                "--data-dir", "\(scratch.path)/etcd-\(port)", "--name", "benchmark",
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster",
                "benchmark=\(peer)",
                "--auto-compaction-mode", "revision", "--auto-compaction-retention", "1000",
            ]
            if securely {
                candidate.arguments? += [
                    "--cert-file", "\(Self.fixtures)/server-ecdsa.crt", "--key-file",
                    "\(Self.fixtures)/server-ecdsa.key",
                    "--trusted-ca-file", "\(Self.fixtures)/ca.crt", "--client-cert-auth",
                ]
            }
            candidate.standardOutput = FileHandle.nullDevice
            candidate.standardError = FileHandle.nullDevice
            try candidate.run()
            var configuration = EtcdConfiguration(endpoints: [Endpoint(host: "127.0.0.1", port: UInt16(port))])
            configuration.tls = securely ? Self.tls : TLSConfiguration()
            let probe = try EtcdClient(configuration)
            if (try? probe.range(RangeRequest(.single("up")), deadline: .after(.seconds(10)))) != nil,
                candidate.isRunning
            {
                endpoint = "127.0.0.1:\(port)"
                process = candidate
                return
            }
            candidate.terminate()
        }
        throw Program.Failure(description: "etcd did not start")
    }

    /// Demands a user and a password from now on, at etcd's usual cost of a password.
    func enableAuthentication(user: String, password: String) throws {
        let client = try EtcdClient(connectionString: endpoint)
        let deadline = Deadline.after(.seconds(30))
        for (name, role) in [("root", "root"), (user, "benchmark")] {
            try client.auth.addUser(name, password: Secret(password), deadline: deadline)
            try client.auth.addRole(role, deadline: deadline)
            try client.auth.grantRole(role, toUser: name, deadline: deadline)
        }
        try client.auth.grantPermission(
            Permission(.readWrite, of: .prefix("/whereabouts/")),
            toRole: "benchmark",
            deadline: deadline
        )
        try client.auth.enable(deadline: deadline)
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }
}
