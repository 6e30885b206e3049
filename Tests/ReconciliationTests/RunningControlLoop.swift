import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// The built control loop of a node, which may do what its manifest permits, until it is let go.
final class RunningControlLoop {
    static let program = Checkout.root.appendingPathComponent(".build/debug/ip-control-loop").path

    let scratch: ScratchDirectory
    private let process: ServerProcess

    /// Starts one for a node; it listens on a port that the system chooses, and asks the runtime's cache `cache` if it is to.
    init(
        _ cluster: ReconciledCluster,
        node: String = "node-a",
        asksRuntime: Bool = false,
        kubeconfig: String? = nil,
        _ more: String...
    ) throws {
        scratch = try ScratchDirectory("control-loop")
        try FileManager.default.createDirectory(
            at: scratch.url.appendingPathComponent("cache"),
            withIntermediateDirectories: true
        )
        let text = try Manifest.text("rbac/control-loop.yaml").replacing("kube-system", with: cluster.namespace)
        try cluster.server.kubectl("apply", "--validate=false", "--filename", "-", input: text)
        process = try ServerProcess(
            "/usr/bin/env",
            ["--default-signal=TERM", Self.program, "--config", cluster.flatFile, "--kubeconfig"]
                + [
                    kubeconfig ?? cluster.pluginConfig, "--node", node, "--listen", "127.0.0.1:0", "--cni-cache",
                    asksRuntime ? scratch.path("cache") : "none", "--settle", "0",
                ]
                + more,
            log: scratch.path("log")
        )
    }

    deinit {
        process.kill()
    }

    /// What it has logged.
    var log: String {
        (try? String(contentsOfFile: scratch.path("log"), encoding: .utf8)) ?? ""
    }

    /// Waits for something that is to come about.
    func wait(
        _ what: String,
        seconds: Int = 60,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ isDone: () throws -> Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !isDone() {
            try #require(
                ContinuousClock.now < deadline && process.isRunning,
                "\(what) does not come about:\n\(log.suffix(3000))",
                sourceLocation: sourceLocation
            )
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    /// Waits until it has looked at least once, with success.
    func waitUntilReady(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try wait("readiness", sourceLocation: sourceLocation) { try get("/readyz").hasPrefix("200") }
    }

    /// The status and the body of an answer of its server; empty before it listens.
    func get(_ path: String) throws -> String {
        guard let match = log.firstMatch(of: /listening on 127.0.0.1 port ([0-9]+)/) else { return "" }
        let answer = try RunningProcess(
            "/usr/bin/curl",
            ["--silent", "--max-time", "10", "--write-out", "\n%{http_code}", "http://127.0.0.1:\(match.1)\(path)"]
        ).wait().output
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last ?? "") + " " + lines.dropLast().joined(separator: "\n")
    }

    /// The value of a sample of its metrics; nil where there is none.
    func metric(_ sample: String) throws -> Double? {
        let line = try get("/metrics").split(separator: "\n").first { $0.hasPrefix(sample + " ") }
        return line.flatMap { Double($0.dropFirst(sample.count + 1)) }
    }

    /// Has the runtime note a container, or know it no longer.
    func note(_ container: String, isKnown: Bool = true) throws {
        let file = scratch.url.appendingPathComponent("cache/lab-\(container)-eth0")
        if isKnown { try Data("{}".utf8).write(to: file) } else { try FileManager.default.removeItem(at: file) }
    }

    /// Has it end as a kubelet does, and waits for that.
    func terminate() throws {
        kill(process.identifier, SIGTERM)
        let deadline = ContinuousClock.now + .seconds(30)
        while process.isRunning {
            try #require(ContinuousClock.now < deadline, "it goes on:\n\(log.suffix(2000))")
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
}
