import EtcdLab
import Foundation
import TestSupport
import Testing

/// docs/installation.md, held against the installer and the sources.
@Suite(.timeLimit(.minutes(5))) struct InstallationGuideTests {
    private let guide: String
    private let installer: String

    init() throws {
        guide = try String(contentsOf: Checkout.root.appendingPathComponent("docs/installation.md"), encoding: .utf8)
        installer = try String(
            contentsOf: Checkout.root.appendingPathComponent("script/install-cni.sh"),
            encoding: .utf8
        )
    }

    /// The first cells of the rows of a table, which follows a row of headings.
    private func firstCells(_ heading: String) throws -> [Substring] {
        let table = try #require(guide.components(separatedBy: "\n\(heading)").dropFirst().first)
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
        for match in guide.matches(of: /deploy\/[a-z\/.-]*[a-z]/) {
            let path = Checkout.root.appendingPathComponent(String(match.0)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(match.0)")
        }
    }

    /// The commands for a node, on one in a temporary directory.
    @Test(arguments: InstallerShell.allCases) func theCommandsInstall(shell: InstallerShell) throws {
        let commands = guide.components(separatedBy: "```sh\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }.filter { $0.hasPrefix("HOST_ROOT=/ ") }
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
