import EtcdLab
import Foundation
import TestSupport

/// An etcd that joins the cluster of another one; it ends with its owner, and with the test process in any case.
final class JoiningMember {
    /// Where the other members are to reach it.
    let peerURL: String
    /// The endpoint as `etcd_host` takes it.
    let endpoint: String

    private let directory: URL
    private var process: ServerProcess?

    init() throws {
        // Ports that nobody has: both are bound at once, so that they differ, and let go of.
        let ports = try [RefusingPort(), RefusingPort()]
        endpoint = ports[0].endpoint
        peerURL = "http://\(ports[1].endpoint)"
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("etcd-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        process?.kill()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Starts the member, after it was added to the cluster whose first member is `test`.
    func start(besides first: String, arguments: [String]) throws {
        process = try ServerProcess(
            ServerProcess.etcd,
            [
                "--name", "second", "--data-dir", directory.appendingPathComponent("data").path,
                "--listen-client-urls", "http://\(endpoint)", "--advertise-client-urls", "http://\(endpoint)",
                "--listen-peer-urls", peerURL, "--initial-advertise-peer-urls", peerURL,
                "--initial-cluster", "test=\(first),second=\(peerURL)", "--initial-cluster-state", "existing",
            ] + arguments,
            log: directory.appendingPathComponent("log").path
        )
    }
}
