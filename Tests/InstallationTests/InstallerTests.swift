import EtcdLab
import Foundation
import TestSupport
import Testing

/// script/install-cni.sh on the file system of a node.
@Suite(.timeLimit(.minutes(10))) struct InstallerTests {
    private static let etcd = ["WHEREABOUTS_ETCD_HOST": "10.0.0.5:2379", "NODENAME": "worker-7"]

    /// The settings for the Kubernetes datastore, with a service account.
    private func kubernetes(_ root: HostRoot, host: String = "10.96.0.1") throws -> [String: String] {
        let account = try root.mount(
            "account",
            [
                "token": "header.claims.signature", "namespace": "kube-system",
                "ca.crt": String(contentsOfFile: TLSFixture.ca, encoding: .utf8),
            ]
        )
        return [
            "WHEREABOUTS_DATASTORE": "kubernetes", "SERVICE_ACCOUNT_PATH": account, "KUBERNETES_SERVICE_HOST": host,
            "KUBERNETES_SERVICE_PORT": "443",
        ]
    }

    private func secret(_ root: HostRoot) throws -> String {
        try root.mount(
            "secret",
            [
                "ca.crt": String(contentsOfFile: TLSFixture.ca, encoding: .utf8),
                "tls.crt": String(contentsOfFile: TLSFixture.clientECDSA.certificate, encoding: .utf8),
                "tls.key": String(contentsOfFile: TLSFixture.clientECDSA.key, encoding: .utf8),
                "username": "where\"ab\\outs\n", "password": "\(PlantedPassword.text) \"$(é)\\ `%s`",
            ]
        )
    }

    @Test(
        .enabled(if: Host.isRoot, "without root there are no capabilities to lose"),
        arguments: InstallerShell.allCases
    )
    func itNeedsNoCapability(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        for settings in [Self.etcd, try kubernetes(root)] {
            let outcome = try root.installWithoutCapabilities(settings)
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(try root.files()["etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"] == "600")
    }

    @Test(arguments: InstallerShell.allCases) func aNodeGetsWhatItsPluginNeeds(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let outcome = try root.install(Self.etcd)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.isEmpty)
        #expect(
            try root.files() == [
                "opt/cni/bin/whereabouts": "755", "etc/cni/net.d/whereabouts.d/whereabouts.conf": "600",
                "etc/cni/net.d/whereabouts.d/nodename": "644", "etc/cni/net.d/whereabouts.d/installed-files": "644",
            ]
        )
        let flatFile = try root.flatFile()
        #expect(
            flatFile as? [String: String] == [
                "datastore": "etcd", "etcd_host": "10.0.0.5:2379", "reconciler_cron_expression": "30 4 * * *",
            ]
        )
        #expect(try root.text("nodename") == "worker-7\n")
        #expect(FileManager.default.contentsEqual(atPath: root.program, andPath: Plugin.path))
        #expect(try FileManager.default.contentsOfDirectory(atPath: root.temporaryDirectory).isEmpty)
    }

    @Test(arguments: InstallerShell.allCases) func theSecondRunChangesNothing(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let secret = try secret(root)
        let withSecret = Self.etcd.merging(["WHEREABOUTS_ETCD_SECRET_DIR": secret]) { $1 }
        for settings in [withSecret, try kubernetes(root)] {
            #expect(try root.install(settings).status == 0)
            let before = try root.snapshot()
            let again = try root.install(settings)
            #expect(again.status == 0, "\(again)")
            #expect(!again.output.contains("wrote"), "\(again)")
            #expect(try root.snapshot() == before)
        }
    }

    @Test(arguments: InstallerShell.allCases) func aSecretIsCopiedForTheOwnerAlone(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let secret = try secret(root)
        let settings = Self.etcd.merging(["WHEREABOUTS_ETCD_SECRET_DIR": secret]) { $1 }
        let outcome = try root.install(settings)
        #expect(outcome.status == 0, "\(outcome)")
        let files = try root.files()
        for name in ["whereabouts.conf", "etcd-ca.crt", "etcd-client.pem"] {
            #expect(files["etc/cni/net.d/whereabouts.d/\(name)"] == "600", "\(name)")
        }
        let flatFile = try root.flatFile()
        // As the node sees them.
        #expect(flatFile["etcd_ca_cert_file"] as? String == "/etc/cni/net.d/whereabouts.d/etcd-ca.crt")
        #expect(flatFile["etcd_cert_file"] as? String == "/etc/cni/net.d/whereabouts.d/etcd-client.pem")
        #expect(flatFile["etcd_key_file"] as? String == "/etc/cni/net.d/whereabouts.d/etcd-client.pem")
        #expect(flatFile["etcd_username"] as? String == "where\"ab\\outs")
        let isPassword = flatFile["etcd_password"] as? String == "\(PlantedPassword.text) \"$(é)\\ `%s`"
        #expect(isPassword)
        let identity =
            try String(contentsOfFile: TLSFixture.clientECDSA.certificate, encoding: .utf8)
            + String(contentsOfFile: TLSFixture.clientECDSA.key, encoding: .utf8)
        let isIdentity = try root.text("etcd-client.pem") == identity
        #expect(isIdentity)
    }

    @Test(arguments: InstallerShell.allCases) func filesOfTheNodeAreNamedAsTheyAre(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        try root.write("etc/pki/ca.crt", String(contentsOfFile: TLSFixture.ca, encoding: .utf8))
        let outcome = try root.install(
            Self.etcd.merging(["WHEREABOUTS_ETCD_CA_CERT_FILE": "/etc/pki/ca.crt"]) { $1 }
        )
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try root.flatFile()["etcd_ca_cert_file"] as? String == "/etc/pki/ca.crt")
        let unseen = try root.install(
            Self.etcd.merging(["WHEREABOUTS_ETCD_CA_CERT_FILE": "/elsewhere/ca.crt"]) { $1 }
        )
        #expect(unseen.status == 0, "\(unseen)")
        #expect(unseen.output.contains("/elsewhere/ca.crt can't be seen from here"))
        #expect(try root.flatFile()["etcd_ca_cert_file"] as? String == "/elsewhere/ca.crt")
    }

    @Test(arguments: InstallerShell.allCases) func theKubeconfigIsThatOfTheServiceAccount(
        shell: InstallerShell
    ) throws {
        let root = try HostRoot(shell)
        let outcome = try root.install(try kubernetes(root, host: "fd00:10:96::1"))
        #expect(outcome.status == 0, "\(outcome)")
        let flatFile = try root.flatFile()
        #expect(flatFile["datastore"] as? String == "kubernetes")
        #expect(
            flatFile["kubernetes"] as? [String: String] == [
                "kubeconfig": "/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"
            ]
        )
        #expect(try root.files()["etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"] == "600")
        let kubeconfig = try root.text("whereabouts.kubeconfig")
        let authority = try Data(contentsOf: URL(fileURLWithPath: TLSFixture.ca)).base64EncodedString()
        for line in [
            #"server: "https://[fd00:10:96::1]:443""#, "certificate-authority-data: \(authority)",
            #"token: "header.claims.signature""#, #"namespace: "kube-system""#, "current-context: whereabouts-context",
        ] {
            #expect(kubeconfig.contains(" \(line)\n") || kubeconfig.contains("\n\(line)\n"), "\(line)")
        }

        let insecure = try kubernetes(root).merging([
            "SKIP_TLS_VERIFY": "true", "KUBECONFIG_MODE": "0640", "WHEREABOUTS_NAMESPACE": "addresses",
            "WHEREABOUTS_API_GROUP": "whereabouts.cni.k8s.io",
        ]) { $1 }
        #expect(try root.install(insecure).status == 0)
        #expect(try root.files()["etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"] == "640")
        let second = try root.text("whereabouts.kubeconfig")
        #expect(second.contains("insecure-skip-tls-verify: true\n"))
        #expect(!second.contains("certificate-authority"))
        #expect(second.contains("namespace: \"addresses\"\n"))
        let group = (try root.flatFile()["kubernetes"] as? [String: String])?["api_group"]
        #expect(group == "whereabouts.cni.k8s.io")
    }

    /// Writing into a file that is executed fails (ETXTBSY); this replaces it.
    @Test(arguments: InstallerShell.allCases) func aProgramThatRunsIsReplaced(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: root.program)
        let running = try RunningProcess(root.program, ["600"])
        let outcome = try root.install(Self.etcd)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(FileManager.default.contentsEqual(atPath: root.program, andPath: Plugin.path))
        running.signal(SIGKILL)
        let ended = try running.wait()
        #expect(ended.wasSignaled, "\(ended)")
    }

    @Test(arguments: InstallerShell.allCases) func whatIsNotWantedAnyMoreGoes(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        try root.write("etc/cni/net.d/whereabouts.d/etcd-ca.crt", "an administrator's\n")
        #expect(try root.install(kubernetes(root)).status == 0)
        #expect(try root.install(Self.etcd).status == 0)
        #expect(
            try Set(root.files().keys) == [
                "opt/cni/bin/whereabouts", "etc/cni/net.d/whereabouts.d/whereabouts.conf",
                "etc/cni/net.d/whereabouts.d/nodename", "etc/cni/net.d/whereabouts.d/installed-files",
                "etc/cni/net.d/whereabouts.d/etcd-ca.crt",
            ]
        )
        #expect(try root.text("etcd-ca.crt") == "an administrator's\n")
    }

    @Test(arguments: InstallerShell.allCases) func anUninstallationTakesThatAndNothingElse(
        shell: InstallerShell
    ) throws {
        let root = try HostRoot(shell)
        let before = try root.files()
        #expect(try root.uninstall().status == 0)
        let secret = try secret(root)
        let settings = Self.etcd.merging(["WHEREABOUTS_ETCD_SECRET_DIR": secret]) { $1 }
        #expect(try root.install(settings).status == 0)
        let removed = try root.uninstall()
        #expect(removed.status == 0, "\(removed)")
        #expect(try root.files() == before)
        #expect(!FileManager.default.fileExists(atPath: root.ownDirectory))
        #expect(try root.uninstall().output.contains("nothing is installed"))

        try root.write("opt/cni/bin/bridge", "another plugin")
        try root.write("etc/cni/net.d/10-lab.conflist", "a network")
        try root.write("etc/cni/net.d/whereabouts.d/notes", "an administrator's")
        #expect(try root.install(settings).status == 0)
        // What stands in the record is no licence for more than the installer's own names.
        let record = try root.text("installed-files")
        try root.write(
            "etc/cni/net.d/whereabouts.d/installed-files",
            record + "notes\n../10-lab.conflist\n/etc/hosts\n"
        )
        #expect(try root.uninstall().output.contains("stays"))
        #expect(
            try Set(root.files().keys) == [
                "opt/cni/bin/bridge", "etc/cni/net.d/10-lab.conflist", "etc/cni/net.d/whereabouts.d/notes",
            ]
        )
    }

    @Test(arguments: InstallerShell.allCases) func modesAndLinksAreSetRight(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        #expect(try root.install(Self.etcd).status == 0)
        let conf = root.ownDirectory + "/whereabouts.conf"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: conf)
        try FileManager.default.removeItem(atPath: root.ownDirectory + "/nodename")
        try root.write("etc/other", "worker-7\n")
        try FileManager.default.createSymbolicLink(
            atPath: root.ownDirectory + "/nodename",
            withDestinationPath: root.path + "/etc/other"
        )
        #expect(try root.install(Self.etcd.merging(["NODENAME": "worker-8"]) { $1 }).status == 0)
        #expect(try root.files()["etc/cni/net.d/whereabouts.d/whereabouts.conf"] == "600")
        #expect(try root.text("nodename") == "worker-8\n")
        #expect(try String(contentsOfFile: root.path + "/etc/other", encoding: .utf8) == "worker-7\n")
    }

    @Test(arguments: InstallerShell.allCases) func aFlatFileThatIsNotFoundIsNoted(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let other = "etc/kubernetes/cni/net.d/whereabouts.d/whereabouts.conf"
        try root.write(other, "{}")
        #expect(try root.install(Self.etcd).output.contains("the plugin reads /\(other), which is there, and not"))
        try root.write("var/lib/rancher/net.d/none", "")
        let elsewhere = Self.etcd.merging(["CNI_CONF_DIR": root.path + "/var/lib/rancher/net.d/"]) { $1 }
        #expect(
            try root.install(elsewhere).output.contains(
                #""configuration_path": "/var/lib/rancher/net.d/whereabouts.d/whereabouts.conf""#
            )
        )
    }

    @Test(arguments: InstallerShell.allCases) func itTellsHowItIsUsed(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let help = try root.run(["--help"], [:])
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(help.output.hasPrefix("usage: install-cni.sh [install | uninstall]\n"))
        let unknown = try root.run(["reinstall"], [:])
        #expect(unknown.status == 64 && unknown.output.isEmpty)
        #expect(unknown.errors == help.output)
        #expect(try root.run(["uninstall", "now"], [:]).status == 64)
    }

    @Test(arguments: InstallerShell.allCases) func severalAtOnceLeaveOneOfThem(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let runs = try (0..<6).map { number in
            try root.start(["install"], Self.etcd.merging(["NODENAME": "worker-\(number % 2)"]) { $1 })
        }
        for run in runs {
            let outcome = try run.wait()
            // Without flock, which Debian's busybox lacks, one may sweep away what another is about to put in place, and is run again.
            if shell == .dash { #expect(outcome.status == 0, "\(outcome)") }
        }
        #expect(try root.install(Self.etcd).status == 0)
        #expect(try root.files().count == 4)
        #expect(try root.text("nodename") == "worker-7\n")
    }
}
