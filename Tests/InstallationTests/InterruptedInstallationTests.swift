import EtcdLab
import Foundation
import TestSupport
import Testing

/// The installer, killed before each of the programs that it runs to change something.
@Suite(.timeLimit(.minutes(10))) struct InterruptedInstallationTests {
    private static let programs = ["cat", "chmod", "mkdir", "mktemp", "mv", "rm", "rmdir", "sync"]
    private static let names: Set = [
        "opt/cni/bin/whereabouts", "etc/cni/net.d/whereabouts.d/whereabouts.conf",
        "etc/cni/net.d/whereabouts.d/nodename", "etc/cni/net.d/whereabouts.d/installed-files",
        "etc/cni/net.d/whereabouts.d/etcd-ca.crt",
    ]

    /// Programs of those names that kill the shell which starts one when it is the so-manieth, and do their work otherwise.
    private final class Trap {
        private let directory: ScratchDirectory
        private let searchPath: String

        init(step: Int, _ root: HostRoot) throws {
            directory = try ScratchDirectory("trap")
            searchPath = "\(directory.url.path):\(root.searchPath)"
            try Data("0\n".utf8).write(to: directory.url.appendingPathComponent("count"))
            for program in InterruptedInstallationTests.programs {
                let text = """
                    #!/bin/sh
                    read -r count <"\(directory.path("count"))"
                    count=$((count + 1))
                    echo $count >"\(directory.path("count"))"
                    if [ $count = \(step) ]; then kill -KILL $PPID; exit 1; fi
                    PATH=\(root.searchPath)
                    exec \(program) "$@"

                    """
                try Data(text.utf8).write(to: directory.url.appendingPathComponent(program))
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755],
                    ofItemAtPath: directory.path(program)
                )
            }
        }

        /// Runs the installer with these programs on its search path, and tells whether it came to its end.
        func spares(_ body: (_ searchPath: String) throws -> RunningProcess.Outcome) throws -> Bool {
            try withExtendedLifetime(directory) {
                let outcome = try body(searchPath)
                return outcome.status == 0 && !outcome.wasSignaled
            }
        }
    }

    private func settings(_ root: HostRoot) throws -> [String: String] {
        let secret = try root.mount("secret", ["ca.crt": String(contentsOfFile: TLSFixture.ca, encoding: .utf8)])
        return [
            "WHEREABOUTS_ETCD_HOST": "10.0.0.5:2379", "NODENAME": "worker-7", "WHEREABOUTS_ETCD_SECRET_DIR": secret,
        ]
    }

    /// No file is half of itself, and the program does not come before what it needs.
    private func expectNothingHalf(_ root: HostRoot, _ step: Int) throws {
        let files = try root.files()
        for name in Self.names where files[name] != nil {
            let contents = FileManager.default.contents(atPath: "\(root.path)/\(name)")
            #expect(contents?.isEmpty == false, "step \(step): \(name)")
        }
        if files["opt/cni/bin/whereabouts"] != nil {
            #expect(FileManager.default.contentsEqual(atPath: root.program, andPath: Plugin.path), "step \(step)")
            #expect(files["opt/cni/bin/whereabouts"] == "755", "step \(step)")
            #expect(try root.flatFile()["etcd_host"] as? String == "10.0.0.5:2379", "step \(step)")
        }
    }

    @Test(arguments: InstallerShell.allCases) func theNextRunRepairsIt(shell: InstallerShell) throws {
        for step in 1..<200 {
            let root = try HostRoot(shell)
            let settings = try settings(root)
            let isOver = try Trap(step: step, root).spares { try root.install(settings, searchPath: $0) }
            try expectNothingHalf(root, step)
            let again = try root.install(settings)
            #expect(again.status == 0, "step \(step): \(again)")
            #expect(try Set(root.files().keys) == Self.names, "step \(step)")
            if isOver {
                #expect(step > 20, "too few steps to have seen anything")
                return
            }
        }
        Issue.record("there is no end to it")
    }

    @Test(arguments: InstallerShell.allCases) func anUninstallationTakesAwayWhatItMade(shell: InstallerShell) throws {
        for step in 1..<200 {
            let root = try HostRoot(shell)
            let settings = try settings(root)
            let isOver = try Trap(step: step, root).spares { try root.install(settings, searchPath: $0) }
            let removed = try root.uninstall()
            #expect(removed.status == 0, "step \(step): \(removed)")
            #expect(try root.files().isEmpty, "step \(step)")
            if isOver { return }
        }
        Issue.record("there is no end to it")
    }

    @Test(arguments: InstallerShell.allCases) func anUninstallationCanBeRepeated(shell: InstallerShell) throws {
        for step in 1..<200 {
            let root = try HostRoot(shell)
            #expect(try root.install(settings(root)).status == 0)
            let isOver = try Trap(step: step, root).spares { try root.uninstall(searchPath: $0) }
            let again = try root.uninstall()
            #expect(again.status == 0, "step \(step): \(again)")
            #expect(try root.files().isEmpty, "step \(step)")
            if isOver { return }
        }
        Issue.record("there is no end to it")
    }
}
