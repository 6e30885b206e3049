import EtcdLab
import Foundation
import TestSupport
import Testing

/// docs/installation.md, held against the installer and the sources.
@Suite(.timeLimit(.minutes(5))) struct InstallationGuideTests {
    private let guide: Guide
    private let installer: String

    init() throws {
        guide = try Guide("docs/installation.md")
        installer = try String(
            contentsOf: Checkout.root.appendingPathComponent("script/install-cni.sh"),
            encoding: .utf8
        )
    }

    /// The first cells of the rows of a table, which follows a row of headings.
    private func firstCells(_ heading: String) throws -> [Substring] {
        let table = try #require(guide.text.components(separatedBy: "\n\(heading)").dropFirst().first)
        return table.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2).prefix { $0.hasPrefix("|") }
            .map { $0.split(separator: "|")[0] }
    }

    @Test func theVariablesAreThoseOfTheInstaller() throws {
        let documented = try firstCells("| variable |").flatMap { $0.matches(of: /`([A-Z_]+)`/).map { String($0.1) } }
        let read = installer.matches(of: /\$\{([A-Z][A-Z_]+)[:-]/).map { String($0.1) }
        #expect(Set(documented).union(["KUBERNETES_SERVICE_PROTOCOL"]) == Set(read))
        #expect(documented.count == Set(documented).count)
    }

    @Test func theMessagesAreThoseOfTheSources() throws {
        let sources = Checkout.root.appendingPathComponent("Sources").path
        let files = try RunningProcess.run("find", sources, "-name", "*.swift").split(separator: "\n")
        let said = try files.map { try String(contentsOfFile: String($0), encoding: .utf8) } + [installer]
        let messages = try firstCells("| message |").flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.1) } }
        #expect(messages.count > 20)
        for message in messages {
            #expect(said.contains { $0.contains(message) }, "nobody says \(message)")
        }
    }

    @Test func theFoldersAreThere() throws {
        for match in guide.text.matches(of: /deploy\/[a-z\/.-]*[a-z]/) {
            let path = Checkout.root.appendingPathComponent(String(match.0)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(match.0)")
        }
    }

    /// What kustomize makes of an overlay of somebody's own.
    private func build(_ overlay: String) throws -> String {
        let scratch = try ScratchDirectory("overlay")
        try RunningProcess.run("cp", "-r", Checkout.root.appendingPathComponent("deploy").path, scratch.path("deploy"))
        let folder = scratch.path("deploy/overlays/mine")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(overlay.utf8).write(to: URL(fileURLWithPath: folder + "/kustomization.yaml"))
        return try withExtendedLifetime(scratch) { try RunningProcess.run("kubectl", "kustomize", folder) }
    }

    @Test(
        .enabled(
            if: Kustomization.canBeBuilt,
            "the kustomize of kubectl before 1.21 knows no directories as resources"
        ),
        arguments: ["etcd", "kubernetes"]
    ) func thePatchHasTheControlLoopListen(overlay: String) throws {
        let patch = try #require(guide.blocks("yaml").first { $0.hasPrefix("patches:") })
        let text = try build("resources: [../\(overlay)]\n" + patch)
        #expect(text.split(separator: "\n").filter { $0 == "        - --listen=0.0.0.0:9742" }.count == 1)
    }

    @Test(
        .enabled(if: Kustomization.canBeBuilt, "the kustomize of kubectl before 1.21 knows no directories as resources")
    )
    func theOverlayNamesTheRegistryAndTheEndpoints() throws {
        let text = try build(#require(guide.blocks("yaml").first))
        let images = text.matches(of: /image: (\S+)/).map { String($0.1) }
        #expect(images.count == 3)
        #expect(images.allSatisfy { $0.hasPrefix("registry.example/whereabouts:") }, "\(images)")
        #expect(text.contains("\n  WHEREABOUTS_ETCD_HOST: 10.0.0.5:2379,10.0.0.6:2379,10.0.0.7:2379\n"))
    }

    /// The command for servers before 1.21 changes the two kinds that they know by another version, and nothing else.
    @Test func theTwinsAreTheCronJobsAndThePodDisruptionBudgets() throws {
        let command = try #require(guide.blocks("sh").first { $0.contains("| sed -E '") })
        let script = try #require(command.firstMatch(of: /sed -E '([^']+)'/)?.1)
        let kinds = ["apps/v1", "batch/v1", "policy/v1", "v1"].map { "apiVersion: \($0)\n" }.joined()
        let twins = try RunningProcess("/usr/bin/sed", ["-E", String(script)], input: Data(kinds.utf8)).wait().output
        #expect(twins == kinds.replacing("h/v1", with: "h/v1beta1").replacing("y/v1", with: "y/v1beta1"))
    }

    /// The commands for a node, on one in a temporary directory.
    @Test(arguments: InstallerShell.allCases) func theCommandsInstall(shell: InstallerShell) throws {
        let commands = guide.blocks("sh").filter { $0.hasPrefix("HOST_ROOT=/ ") }
        #expect(commands.count == 4)
        for command in commands {
            let root = try HostRoot(shell)
            let words = command.replacing("\\\n", with: " ").split(separator: " ").map(String.init)
            var settings: [String: String] = [:]
            for word in words where word.contains("=") {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                settings[parts[0]] = parts[1]
            }
            let arguments = Array(words.drop { $0 != "./install-cni.sh" }.dropFirst())
            settings["HOST_ROOT"] = nil
            settings["WHEREABOUTS_BINARY"] = nil
            let authority = try String(contentsOfFile: TLSFixture.ca, encoding: .utf8)
            if settings["WHEREABOUTS_ETCD_SECRET_DIR"] != nil {
                settings["WHEREABOUTS_ETCD_SECRET_DIR"] = try root.mount("credentials", ["ca.crt": authority])
            }
            if settings["SERVICE_ACCOUNT_PATH"] != nil {
                let account = ["token": "a.b.c", "ca.crt": authority, "namespace": "kube-system"]
                settings["SERVICE_ACCOUNT_PATH"] = try root.mount("account", account)
            }
            let outcome = try root.run(arguments, settings)
            #expect(outcome.status == 0, "\(command): \(outcome)")
            #expect(try root.files().isEmpty == (arguments == ["uninstall"]), "\(command)")
        }
    }
}
