import EtcdLab
import Foundation
import TestSupport
import Testing

/// What the release build takes from its host: the kernel, and /proc.
@Suite(
    .timeLimit(.minutes(10)),
    .enabled(
        if: ProcessInfo.processInfo.environment["WHEREABOUTS_PLUGIN"] != nil,
        "WHEREABOUTS_PLUGIN does not name a release build"
    )
)
struct ReleaseBinaryTests {
    @Test func isOneStaticFile() throws {
        let kind = try RunningProcess.run("file", "--brief", "--dereference", Plugin.path)
        #expect(kind.contains("statically linked"))
        #expect(!kind.contains("interpreter"))
        #expect(!kind.contains("dynamically linked"))
    }

    @Test(.enabled(if: Host.isRoot, "chroot needs root")) func worksInAnEmptyRoot() throws {
        let root = try EmptyRoot(with: Plugin.path)
        let version = try root.run(["CNI_COMMAND": "VERSION"], input: #"{"cniVersion": "1.0.0"}"#)
        #expect(version.status == 0, "\(version)")
        #expect((version.json?["supportedVersions"] as? [String])?.contains("1.0.0") == true)

        let etcd = try EtcdServer()
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        var variables = [
            "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_NETNS": "/run/netns/none",
            "CNI_PATH": "/",
        ]
        let added = try root.run(variables, input: configuration)
        #expect(added.status == 0, "\(added)")
        #expect(added.addresses == ["10.20.0.1/24"])
        #expect(try etcd.addressKeys().count == 1)

        variables["CNI_COMMAND"] = "DEL"
        let deleted = try root.run(variables, input: configuration)
        #expect(deleted.status == 0, "\(deleted)")
        #expect(try etcd.allocationKeys().isEmpty)
    }

    @Test(.enabled(if: Host.has("strace"), "strace is not installed"))
    func readsNothingOfTheHostsConfiguration() throws {
        let etcd = try EtcdServer()
        let trace = FileManager.default.temporaryDirectory.appendingPathComponent("trace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: trace) }
        // A name has the plugin look it up, and without NODENAME it looks for the node's.
        let outcome = try RunningProcess(
            "/usr/bin/env",
            ["strace", "-f", "-e", "trace=%file", "-s", "4096", "-o", trace.path, Plugin.path],
            environment: [
                "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_NETNS": "/run/netns/none",
                "CNI_PATH": "/opt/cni/bin", "PATH": "/usr/bin:/bin", "HOME": "/root",
            ],
            input: Data(Plugin.configuration(etcd: "localhost:\(etcd.clientPort)").utf8)
        ).wait()
        #expect(outcome.status == 0, "\(outcome)")

        // Swift's runtime looks for its backtracer beside the program.
        let program = URL(fileURLWithPath: Plugin.path)
        let directories = [program, program.resolvingSymlinksInPath()].map { $0.deletingLastPathComponent().path }
        // Where somebody counts the calls of the node's plugin, the directory is there.
        let known = ["/proc/", "/sys/", "/dev/", "/run/whereabouts/calls/"] + directories
        let paths = try String(contentsOf: trace, encoding: .utf8).matches(of: /"(\/[^"]*)"/).map { String($0.1) }
        let files = ["/etc/hosts", "/etc/hostname"]
        #expect(Set(files).isSubset(of: paths))
        let foreign = paths.filter { path in
            !files.contains(path) && !path.contains("/whereabouts.d/") && !known.contains { path.hasPrefix($0) }
        }
        #expect(foreign.isEmpty)
    }

    /// gRPC would start a thread for each of them, before the first call.
    @Test(.enabled(if: Host.isRoot && Host.has("strace"), "needs root and strace"))
    func startsNoMoreThreadsOnMoreProcessors() throws {
        let etcd = try EtcdServer()
        let directory = try ScratchDirectory("processors")
        let (processors, trace) = (
            directory.url.appendingPathComponent("possible"), directory.url.appendingPathComponent("trace")
        )
        try Data("0-63\n".utf8).write(to: processors)
        // In a mount namespace that ends with the program.
        let outcome = try RunningProcess(
            "/usr/bin/unshare",
            [
                "--mount", "/bin/sh", "-c",
                """
                mount --bind "$0" /sys/devices/system/cpu/possible && test "$(getconf _NPROCESSORS_CONF)" = 64 && \
                exec strace -f -e trace=clone,clone3 -o "$1" "$2"
                """,
                processors.path, trace.path, Plugin.path,
            ],
            environment: [
                "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_NETNS": "/run/netns/none",
                "CNI_PATH": "/opt/cni/bin", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            ],
            input: Data(Plugin.configuration(etcd: etcd.endpoint).utf8)
        ).wait()
        #expect(outcome.addresses == ["10.20.0.1/24"], "\(outcome)")
        let threads = try String(contentsOf: trace, encoding: .utf8).matches(of: /clone3?\(/).count
        #expect((1...8).contains(threads))
    }
}

/// A directory that holds one program and /proc, and is the root for it.
private final class EmptyRoot {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("root-\(UUID().uuidString)")

    init(with program: String) throws {
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("proc"),
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(
            at: URL(fileURLWithPath: program).resolvingSymlinksInPath(),
            to: directory.appendingPathComponent("program")
        )
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// Runs the program in its root, with /proc mounted in a mount namespace that ends with the program.
    func run(_ environment: [String: String], input: String) throws -> RunningProcess.Outcome {
        try RunningProcess(
            "/usr/bin/unshare",
            [
                "--mount", "/bin/sh", "-c", #"mount -t proc proc "$0/proc" && exec chroot "$0" /program"#,
                directory.path,
            ],
            environment: environment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 },
            input: Data(input.utf8),
            secret: PlantedPassword.text
        ).wait()
    }
}
