import EtcdLab
import Foundation
import TestSupport

/// The file system of a node in a temporary directory, and the installer that is run on it.
final class HostRoot {
    /// What the installer takes for the node's file system.
    let path: String

    private let shell: InstallerShell
    private let directory: ScratchDirectory
    private static let script = Checkout.root.appendingPathComponent("script/install-cni.sh").path

    /// Makes a node with the directories that every runtime has.
    init(_ shell: InstallerShell) throws {
        self.shell = shell
        directory = try ScratchDirectory("host-root")
        path = directory.path("node")
        for folder in ["node/opt/cni/bin", "node/etc/cni/net.d", "node/proc", "applets", "mounts", "temporary"] {
            try FileManager.default.createDirectory(atPath: directory.path(folder), withIntermediateDirectories: true)
        }
        if shell == .busybox {
            try RunningProcess.run("busybox", "--install", "-s", directory.path("applets"))
        }
    }

    /// Where the shell finds programs.
    var searchPath: String {
        switch shell {
        case .dash: "/usr/bin:/bin"
        case .busybox: directory.path("applets")
        }
    }

    /// The file that is installed, as it is seen from here.
    var program: String { path + "/opt/cni/bin/whereabouts" }

    /// The directory with the installer's files, as it is seen from here.
    var ownDirectory: String { path + "/etc/cni/net.d/whereabouts.d" }

    /// Where the installer makes its temporary files.
    var temporaryDirectory: String { directory.path("temporary") }

    /// Runs the installer with settings beside those that say where the node is.
    func install(_ settings: [String: String], searchPath: String? = nil) throws -> RunningProcess.Outcome {
        try run(["install"], settings, searchPath: searchPath)
    }

    /// Runs it as `uninstall`.
    func uninstall(_ settings: [String: String] = [:], searchPath: String? = nil) throws -> RunningProcess.Outcome {
        try run(["uninstall"], settings, searchPath: searchPath)
    }

    /// Runs the installer.
    func run(
        _ arguments: [String],
        _ settings: [String: String],
        searchPath: String? = nil
    ) throws -> RunningProcess.Outcome {
        try start(arguments, settings, searchPath: searchPath).wait()
    }

    /// Runs it as the container of the DaemonSet does: by root, who may do nothing but what the owner of files may.
    func installWithoutCapabilities(_ settings: [String: String]) throws -> RunningProcess.Outcome {
        let setpriv = ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
        return try start(["install"], settings, by: setpriv).wait()
    }

    /// Starts the installer, by way of another program if one is given.
    func start(
        _ arguments: [String],
        _ settings: [String: String],
        searchPath: String? = nil,
        by launcher: [String] = []
    ) throws -> RunningProcess {
        let environment = [
            "HOST_ROOT": path, "PATH": searchPath ?? self.searchPath, "TMPDIR": temporaryDirectory,
            "WHEREABOUTS_BINARY": Plugin.path,
        ]
        let command = launcher + [shell == .dash ? "/bin/dash" : directory.path("applets/sh"), Self.script] + arguments
        return try RunningProcess(
            command[0],
            Array(command.dropFirst()),
            environment: environment.merging(settings) { $1 },
            secret: PlantedPassword.text
        )
    }

    /// Writes files as a mounted volume has them, and returns the path of their directory.
    func mount(_ name: String, _ files: [String: String]) throws -> String {
        let mounted = directory.path("mounts/\(name)")
        try FileManager.default.createDirectory(atPath: mounted, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(mounted)/\(name)"))
        }
        return mounted
    }

    /// Writes a file of the node itself.
    func write(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// A file that was installed.
    func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(ownDirectory)/\(name)", encoding: .utf8)
    }

    /// The flat file.
    func flatFile() throws -> [String: Any] {
        let data = Data(try text("whereabouts.conf").utf8)
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// The modes of all files of the node by their paths, such as `["opt/cni/bin/whereabouts": "755"]`.
    func files() throws -> [String: String] {
        let lines = try RunningProcess.run("find", path, "-type", "f", "-printf", "%P %m\n").split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                line.lastIndex(of: " ").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }
        )
    }

    /// Every file and directory of the node with inode, times of change and mode.
    func snapshot() throws -> [Substring] {
        try RunningProcess.run("find", path, "-printf", "%P %y %i %T@ %C@ %m %s\n").split(separator: "\n").sorted()
    }

    /// Runs the installed program in the node's file system, as its runtime would, with /proc mounted in a mount namespace that ends with it.
    func callInstalledProgram(
        _ command: String,
        container: String,
        configuration: String
    ) throws -> RunningProcess.Outcome {
        try RunningProcess(
            "/usr/bin/unshare",
            [
                "--mount", "/bin/sh", "-c",
                #"mount -t proc proc "$0/proc" && exec chroot "$0" /opt/cni/bin/whereabouts"#, path,
            ],
            environment: [
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": command, "CNI_CONTAINERID": container,
                "CNI_IFNAME": "eth0", "CNI_NETNS": "/var/run/netns/none", "CNI_PATH": "/opt/cni/bin",
                "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0",
            ],
            input: Data(configuration.utf8),
            secret: PlantedPassword.text
        ).wait()
    }
}
