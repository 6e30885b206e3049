import EtcdLab
import Foundation
import TestSupport
import Testing

/// What the installer refuses before it writes anything.
@Suite(.timeLimit(.minutes(10))) struct InstallerRefusalTests {
    /// Settings with something wrong in them; NODE and MOUNTS stand for the node's file system and for the directory of what is mounted.
    struct Refusal: Sendable, CustomTestStringConvertible {
        /// The datastore that the rest is right for.
        enum Rest: Sendable {
            case etcd, kubernetes
        }

        let rest: Rest
        let settings: [String: String]
        /// How the error begins, behind the program's name.
        let beginning: String
        /// What helps.
        let remedy: String

        init(_ rest: Rest, _ settings: [String: String], _ beginning: String, _ remedy: String) {
            self.rest = rest
            self.settings = settings
            self.beginning = beginning
            self.remedy = remedy
        }

        var testDescription: String { "\(rest) \(settings)" }
    }

    static let refusals = [
        Refusal(.etcd, ["WHEREABOUTS_DATASTORE": "consul"], #"WHEREABOUTS_DATASTORE: "consul""#, "etcd or kubernetes"),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_HOST": ""],
            "WHEREABOUTS_ETCD_HOST is missing",
            "or set WHEREABOUTS_DATASTORE=kubernetes"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_HOST": "ftp://a:1"],
            #"WHEREABOUTS_ETCD_HOST: etcd_host: "ftp://a:1" can't be used"#,
            "Write host:port"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_HOST": "root:\(PlantedPassword.text)@a"],
            "WHEREABOUTS_ETCD_HOST: etcd_host can't be used",
            "user and password are configured apart"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_HOST": "10.0.0.5\n10.0.0.6"],
            "WHEREABOUTS_ETCD_HOST has a line break",
            "write it without"
        ),
        Refusal(.etcd, ["HOST_ROOT": "host"], #"HOST_ROOT: "host""#, "must be an absolute path"),
        Refusal(.etcd, ["HOST_ROOT": "/none"], #"CNI_BIN_DIR: "/none/opt/cni/bin""#, "mount the node's there"),
        Refusal(.etcd, ["CNI_BIN_DIR": "NODE/none"], #"CNI_BIN_DIR: "NODE/none""#, "mount the node's there"),
        Refusal(.etcd, ["CNI_CONF_DIR": "net.d"], #"CNI_CONF_DIR: "net.d""#, "must be an absolute path"),
        Refusal(.etcd, ["CNI_CONF_DIR": "NODE/file"], #"CNI_CONF_DIR: "NODE/file""#, "mount the node's there"),
        Refusal(.etcd, ["WHEREABOUTS_BINARY": "/none"], #"WHEREABOUTS_BINARY: "/none""#, "the product whereabouts"),
        Refusal(.etcd, ["WHEREABOUTS_BINARY": "/bin/true"], #"WHEREABOUTS_BINARY: "/bin/true""#, "for this machine"),
        Refusal(
            .etcd,
            ["WHEREABOUTS_RECONCILER_CRON": "30 4 * *"],
            #"WHEREABOUTS_RECONCILER_CRON: "30 4 * *""#,
            "write five, minute hour day-of-month month day-of-week"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_RECONCILER_CRON": "30 4 * * $(id)"],
            #"WHEREABOUTS_RECONCILER_CRON: "30 4 * * $(id)""#,
            "write 0 to 7, or sun to sat"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_LOG_LEVEL": "chatty"],
            #"WHEREABOUTS_LOG_LEVEL: log_level: "chatty""#,
            "debug, verbose, error or panic"
        ),
        Refusal(.etcd, ["WHEREABOUTS_LOG_FILE": "log"], #"WHEREABOUTS_LOG_FILE: "log""#, "must be an absolute path"),
        Refusal(.etcd, ["NODENAME": "worker 7"], #"NODENAME: "worker 7""#, "take spec.nodeName"),
        Refusal(.etcd, ["NODENAME": "worker-7\n../8"], "NODENAME has a line break", "write it without"),
        Refusal(.etcd, ["NODENAME": "../worker"], #"NODENAME: "../worker""#, "take spec.nodeName"),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "/none"],
            #"WHEREABOUTS_ETCD_SECRET_DIR: "/none""#,
            "mount the Secret there"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/empty"],
            #"WHEREABOUTS_ETCD_SECRET_DIR: "MOUNTS/empty""#,
            "give the Secret's items these names"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/blank"],
            "WHEREABOUTS_ETCD_SECRET_DIR leads to MOUNTS/blank/ca.crt, which is empty",
            "or leave it out"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/keyless"],
            "WHEREABOUTS_ETCD_SECRET_DIR leads to MOUNTS/keyless/tls.key",
            "check its path and its mode"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/mismatch"],
            "WHEREABOUTS_ETCD_SECRET_DIR: etcd_key_file",
            "is not the key of the certificate"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/garbage"],
            "WHEREABOUTS_ETCD_SECRET_DIR: etcd_ca_cert_file",
            "Write the certificate as PEM"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/latin1"],
            "WHEREABOUTS_ETCD_SECRET_DIR: password is not UTF-8",
            "write it in that encoding"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/lines"],
            "WHEREABOUTS_ETCD_SECRET_DIR: password has a line break",
            "write it without"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/authority", "WHEREABOUTS_ETCD_CA_CERT_FILE": "/etc/ca.crt"],
            "WHEREABOUTS_ETCD_SECRET_DIR has ca.crt beside WHEREABOUTS_ETCD_CA_CERT_FILE",
            "leave one of them out"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_SECRET_DIR": "MOUNTS/authority", "WHEREABOUTS_ETCD_HOST": "http://a"],
            "WHEREABOUTS_ETCD_HOST: etcd_host: http://a:2379 is an endpoint in clear text",
            "Write it with https://"
        ),
        Refusal(
            .etcd,
            ["WHEREABOUTS_ETCD_CERT_FILE": "/file"],
            "WHEREABOUTS_ETCD_KEY_FILE: etcd_key_file: the client certificate",
            "Name the file with the key too"
        ),
        Refusal(
            .kubernetes,
            ["KUBERNETES_SERVICE_HOST": ""],
            "KUBERNETES_SERVICE_HOST is missing",
            "for example 10.96.0.1"
        ),
        Refusal(
            .kubernetes,
            ["KUBERNETES_SERVICE_HOST": "10.96.0.1/api"],
            #"KUBERNETES_SERVICE_HOST: "10.96.0.1/api""#,
            "write its name or its address"
        ),
        Refusal(
            .kubernetes,
            ["KUBERNETES_SERVICE_HOST": "fd00:1"],
            "KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KUBE_CA_FILE: ",
            "brackets without an IPv6 address"
        ),
        Refusal(.kubernetes, ["KUBERNETES_SERVICE_PORT": ""], "KUBERNETES_SERVICE_PORT is missing", "443 or 6443"),
        Refusal(
            .kubernetes,
            ["KUBERNETES_SERVICE_PORT": "65536"],
            #"KUBERNETES_SERVICE_PORT: "65536""#,
            "from 1 to 65535"
        ),
        Refusal(
            .kubernetes,
            ["KUBERNETES_SERVICE_PROTOCOL": "http"],
            #"KUBERNETES_SERVICE_PROTOCOL: "http""#,
            "use https"
        ),
        Refusal(.kubernetes, ["SKIP_TLS_VERIFY": "yes"], #"SKIP_TLS_VERIFY: "yes""#, "must be true or false"),
        Refusal(.kubernetes, ["KUBE_CA_FILE": "/none"], "KUBE_CA_FILE leads to /none", "check its path and its mode"),
        Refusal(.kubernetes, ["KUBE_CA_FILE": "NODE/file"], #"KUBE_CA_FILE: "NODE/file""#, "or set SKIP_TLS_VERIFY"),
        Refusal(.kubernetes, ["KUBECONFIG_MODE": "rw"], #"KUBECONFIG_MODE: "rw""#, "write it as 600"),
        Refusal(.kubernetes, ["KUBECONFIG_MODE": "066"], #"KUBECONFIG_MODE: "066""#, "write it as 600"),
        Refusal(
            .kubernetes,
            ["WHEREABOUTS_NAMESPACE": "Kube"],
            #"WHEREABOUTS_NAMESPACE: "Kube""#,
            "as kubectl get namespaces shows it"
        ),
        Refusal(
            .kubernetes,
            ["SERVICE_ACCOUNT_PATH": "MOUNTS/empty"],
            "SERVICE_ACCOUNT_PATH leads to MOUNTS/empty/token",
            "check its path and its mode"
        ),
        Refusal(
            .kubernetes,
            ["SERVICE_ACCOUNT_PATH": "MOUNTS/tokenless"],
            "SERVICE_ACCOUNT_PATH leads to MOUNTS/tokenless/token, which is empty",
            "mount what belongs there"
        ),
        Refusal(
            .kubernetes,
            ["SERVICE_ACCOUNT_PATH": "MOUNTS/manyTokens"],
            "SERVICE_ACCOUNT_PATH: token has a line break",
            "write it without"
        ),
        Refusal(
            .kubernetes,
            ["WHEREABOUTS_API_GROUP": "IPAM"],
            #"WHEREABOUTS_API_GROUP: kubernetes.api_group: "IPAM""#,
            "such as whereabouts.cni.cncf.io"
        ),
    ]

    private func makeMounts(_ root: HostRoot) throws -> String {
        func fixture(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        let (client, other) = (TLSFixture.clientECDSA, TLSFixture.clientRSA)
        _ = try root.mount("empty", [:])
        _ = try root.mount("keyless", ["tls.crt": fixture(client.certificate)])
        _ = try root.mount("mismatch", ["tls.crt": fixture(client.certificate), "tls.key": fixture(other.key)])
        _ = try root.mount("garbage", ["ca.crt": "no certificate"])
        _ = try root.mount("blank", ["ca.crt": "", "username": "a", "password": "b"])
        _ = try root.mount("lines", ["username": "a", "password": "one\ntwo"])
        _ = try root.mount("authority", ["ca.crt": fixture(TLSFixture.ca)])
        _ = try root.mount("manyTokens", ["token": "a.b.c\nd.e.f\n", "namespace": "kube-system"])
        _ = try root.mount("tokenless", ["token": "\n", "namespace": "kube-system"])
        let account = ["token": "a.b.c", "namespace": "kube-system", "ca.crt": try fixture(TLSFixture.ca)]
        let mounts = URL(fileURLWithPath: try root.mount("account", account)).deletingLastPathComponent().path
        let latin1 = try root.mount("latin1", ["username": "a"])
        try Data([0x70, 0xe9]).write(to: URL(fileURLWithPath: latin1 + "/password"))
        return mounts
    }

    @Test(arguments: InstallerShell.allCases, refusals) func nothingIsWritten(
        shell: InstallerShell,
        refusal: Refusal
    ) throws {
        let root = try HostRoot(shell)
        try root.write("file", "no certificate\n")
        let mounts = try makeMounts(root)
        func filledIn(_ text: String) -> String {
            text.replacing("NODE/", with: root.path + "/").replacing("MOUNTS/", with: mounts + "/")
        }
        var settings = ["NODENAME": "worker-7"]
        switch refusal.rest {
        case .etcd:
            settings["WHEREABOUTS_ETCD_HOST"] = "10.0.0.5:2379"
        case .kubernetes:
            settings["WHEREABOUTS_DATASTORE"] = "kubernetes"
            settings["SERVICE_ACCOUNT_PATH"] = mounts + "/account"
            settings["KUBERNETES_SERVICE_HOST"] = "10.96.0.1"
            settings["KUBERNETES_SERVICE_PORT"] = "443"
        }
        #expect(try root.install(settings).status == 0)
        #expect(try root.uninstall().status == 0)

        let before = try root.snapshot()
        settings.merge(refusal.settings.mapValues(filledIn)) { $1 }
        let outcome = try root.install(settings)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.hasPrefix("install-cni: \(filledIn(refusal.beginning))"), "\(outcome)")
        #expect(outcome.errors.contains(refusal.remedy), "\(outcome)")
        #expect(try root.snapshot() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: root.temporaryDirectory).isEmpty)
    }

    @Test(arguments: InstallerShell.allCases) func aDirectoryInAFilesPlaceIsRefused(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        try root.write("etc/cni/net.d/whereabouts.d/whereabouts.conf/file", "")
        let before = try root.snapshot()
        let outcome = try root.install(["WHEREABOUTS_ETCD_HOST": "10.0.0.5:2379"])
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains("has a directory whereabouts.conf, where a file is to be; move it away"))
        #expect(try root.snapshot() == before)
    }
}
