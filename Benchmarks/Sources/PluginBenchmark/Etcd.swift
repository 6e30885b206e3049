import EtcdClient
import Foundation

/// An etcd of one member on loopback, which ends with its owner.
final class Etcd {
    let endpoint: String
    private let process: Process

    init(in scratch: ScratchDirectory) throws {
        for _ in 0..<10 {
            let port = Int.random(in: 20_000..<30_000)
            let client = "http://127.0.0.1:\(port)"
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
            candidate.standardOutput = FileHandle.nullDevice
            candidate.standardError = FileHandle.nullDevice
            try candidate.run()
            let probe = try EtcdClient(connectionString: "127.0.0.1:\(port)")
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

    deinit {
        process.terminate()
        process.waitUntilExit()
    }
}
