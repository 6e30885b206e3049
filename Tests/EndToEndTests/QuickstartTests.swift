import EtcdLab
import Foundation
import TestSupport
import Testing

/// `script/quickstart` with a built plugin.
@Suite(
    .serialized,
    .timeLimit(.minutes(15)),
    .enabled(if: Host.isRoot, "network namespaces need root"),
    .enabled(if: !Node.versions(of: "bridge").isEmpty, "containernetworking-plugins is not installed")
)
struct QuickstartTests: ~Copyable {
    private let scratch = FileManager.default.temporaryDirectory
        .appendingPathComponent("quickstart-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: scratch)
    }

    private func start(plugin: String = Plugin.path) throws -> RunningProcess {
        var environment = ProcessInfo.processInfo.environment
        environment.merge(["WHEREABOUTS_PLUGIN": plugin, "TMPDIR": scratch.path]) { $1 }
        return try RunningProcess(
            "/usr/bin/env",
            // Whoever started the tests may have had signals ignored, which is inherited.
            ["--default-signal", Checkout.root.appendingPathComponent("script/quickstart").path],
            environment: environment
        )
    }

    /// The names of the script's files, below its scratch directory.
    private var files: [String] {
        let found = FileManager.default.enumerator(atPath: scratch.path)?.allObjects as? [String] ?? []
        return found.map { $0.split(separator: "/").dropFirst().joined(separator: "/") }
    }

    /// Waits for the script's end, and looks for what it left behind.
    private func outcome(
        of process: RunningProcess,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> RunningProcess.Outcome {
        // What it left running would keep `wait` from returning.
        let state = "/proc/\(process.processIdentifier)/stat"
        while let text = try? String(contentsOfFile: state, encoding: .utf8), !text.contains(") Z ") {
            usleep(1000)
        }
        // Every program that the script starts has its scratch directory in its arguments or environment.
        let processes = try RunningProcess.run("ps", "axeww", "-o", "pid,args").split(separator: "\n")
        #expect(processes.filter { $0.contains(scratch.path) }.isEmpty, sourceLocation: sourceLocation)
        let namespaces = try RunningProcess.run("ip", "netns", "list")
        #expect(!namespaces.contains("wbq\(process.processIdentifier)-"), sourceLocation: sourceLocation)
        let links = try RunningProcess.run("ip", "-brief", "link")
        #expect(!links.contains("wbq"), sourceLocation: sourceLocation)
        #expect(files.isEmpty, sourceLocation: sourceLocation)
        return try process.wait()
    }

    @Test func showsTheWholeWayAndLeavesNothing() throws {
        let outcome = try outcome(of: start())
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.isEmpty)
        let lines = outcome.output.split(separator: "\n")
        let steps = lines.filter { $0.contains(#/^ *\d+  /#) }.map { $0.split(separator: #/  +/#).map(String.init) }
        #expect(
            steps.map { $0[1].replacing(#/ +\d+ ms$/#, with: "") } == [
                "make node and pods", "start etcd", "ADD red", "ADD blue", "ping red to blue", "ping blue to red",
                "records in etcd", "DEL red", "DEL blue", "records in etcd", "clean up",
            ]
        )
        #expect(outcome.output.contains(#""address":"10.213.0.2/24","gateway":"10.213.0.1""#))
        #expect(outcome.output.contains(#""address":"10.213.0.3/24","gateway":"10.213.0.1""#))
        #expect(outcome.output.contains("64 bytes from 10.213.0.3"))
        #expect(outcome.output.contains("64 bytes from 10.213.0.2"))
        #expect(outcome.output.contains("ms   2 addresses, 6 index keys\n"))
        for (pod, address) in [("red", "010.213.000.002"), ("blue", "010.213.000.003")] {
            let record = lines.first { $0.contains("/whereabouts/v1/address/default/ipv4/\(address) ") }
            let fields = try #require(record).split(separator: " ").map(String.init)
            #expect(fields[1] == "quickstart/\(pod)")
            #expect(fields[2].hasSuffix("-\(pod)"))
            #expect(fields[3] == "eth0")
        }
        #expect(outcome.output.contains("ms   0 addresses, 0 index keys\n"))
        #expect(!outcome.output.contains("\u{1b}"))
    }

    /// A signal, and the file that the script has just made when it comes.
    @Test(arguments: ["bin", "etcd/member", "result", "records"], [SIGINT, SIGTERM])
    func leavesNothingWhenInterrupted(_ moment: String, _ signal: Int32) throws {
        let process = try start()
        let deadline = ContinuousClock.now + .seconds(60)
        while !files.contains(moment), ContinuousClock.now < deadline, kill(process.processIdentifier, 0) == 0 {
            usleep(1000)
        }
        // To the whole group, as a terminal does; the group is the script's own.
        #expect(getpgid(process.processIdentifier) == process.processIdentifier)
        #expect(kill(-process.processIdentifier, signal) == 0)
        let outcome = try outcome(of: process)
        #expect(!outcome.wasSignaled)
        #expect(outcome.status == 128 + signal, "\(outcome)")
        #expect(!outcome.output.contains("Done"))
    }

    @Test func saysWhichStepFailedAndLeavesNothing() throws {
        let outcome = try outcome(of: start(plugin: "/bin/false"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("quickstart: step 4, ADD red: the plugin failed"), "\(outcome)")
    }
}
