import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// What the installer has written is what the plugin takes, on real datastores.
@Suite(.serialized, .timeLimit(.minutes(10))) struct InstalledPluginTests {
    private static let network = Plugin.configuration(etcd: "")

    /// Installs where the node's root is this machine's, so that the paths in what is written lead there from here, and calls the plugin with that.
    private func expectService(_ root: HostRoot, _ settings: [String: String]) throws {
        let here = [
            "HOST_ROOT": "/", "CNI_BIN_DIR": root.path + "/opt/cni/bin", "CNI_CONF_DIR": root.path + "/etc/cni/net.d",
        ]
        let outcome = try root.install(settings.merging(here) { $1 })
        #expect(outcome.status == 0, "\(outcome)")
        let flatFile = root.ownDirectory + "/whereabouts.conf"
        let configuration = Plugin.configuration(
            etcd: "",
            #""range": "10.20.0.0/24", "etcd_token_cache": "none", "configuration_path": "\#(flatFile)""#
        )
        for command in ["ADD", "DEL"] {
            let call = try Plugin.call(
                command,
                container: "c1",
                arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0",
                // So that the file counts that was installed.
                environment: ["NODENAME": ""],
                configuration: configuration
            )
            #expect(call.status == 0, "\(command): \(call)")
            #expect(call.addresses == (command == "ADD" ? ["10.20.0.1/24"] : []), "\(command): \(call)")
        }
    }

    /// Installs as a pod does, and calls the installed program in the node's file system, which it has nothing else of.
    private func expectServiceOnTheNode(_ root: HostRoot, _ settings: [String: String]) throws {
        let outcome = try root.install(settings)
        #expect(outcome.status == 0, "\(outcome)")
        let added = try root.callInstalledProgram("ADD", container: "c1", configuration: Self.network)
        #expect(added.addresses == ["10.20.0.1/24"], "\(added)")
    }

    private static var canEnterNode: Bool {
        Host.isRoot && ProcessInfo.processInfo.environment["WHEREABOUTS_PLUGIN"] != nil
    }

    // MARK: - etcd

    @Test(arguments: InstallerShell.allCases) func aPodGetsAnAddressOfEtcd(shell: InstallerShell) throws {
        let etcd = try EtcdServer()
        let root = try HostRoot(shell)
        let settings = ["WHEREABOUTS_ETCD_HOST": etcd.endpoint, "NODENAME": "worker-7"]
        try expectService(root, settings)
        #expect(try etcd.allocationKeys().isEmpty)
        guard Self.canEnterNode else { return }
        try expectServiceOnTheNode(root, settings)
        #expect(try etcd.etcdctl("get", "--prefix", "/whereabouts/v1/address/").contains(#""node":"worker-7""#))
    }

    /// TLS with a client's certificate, and a user with a password that needs every escape there is.
    @Test(arguments: InstallerShell.allCases) func aPodGetsAnAddressOfASecureEtcd(shell: InstallerShell) throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let password = "\(PlantedPassword.text) \"$(é)\\ `%s`"
        try etcd.enableAuthentication(
            EtcdUser("operator", password: password, access: .readWrite(prefix: "/whereabouts/"))
        )
        let root = try HostRoot(shell)
        let settings = [
            "WHEREABOUTS_ETCD_HOST": etcd.clientURL,
            "WHEREABOUTS_ETCD_SECRET_DIR": try root.mount(
                "secret",
                [
                    "ca.crt": String(contentsOfFile: TLSFixture.ca, encoding: .utf8),
                    "tls.crt": String(contentsOfFile: TLSFixture.clientNobody.certificate, encoding: .utf8),
                    "tls.key": String(contentsOfFile: TLSFixture.clientNobody.key, encoding: .utf8),
                    "username": "operator\n", "password": password + "\n",
                ]
            ),
        ]
        try expectService(root, settings)
        guard Self.canEnterNode else { return }
        try expectServiceOnTheNode(root, settings)
    }

    // MARK: - Kubernetes

    @Test(arguments: InstallerShell.allCases) func aPodGetsAnAddressOfTheAPIServer(shell: InstallerShell) throws {
        let server = try SharedAPIServer.started()
        let root = try HostRoot(shell)
        let (namespace, _) = try server.makePluginNamespace()
        let token = try server.serviceAccountToken("whereabouts", namespace: namespace)
        let authority = try String(contentsOfFile: TLSFixture.ca, encoding: .utf8)
        let account = try root.mount("account", ["token": token, "namespace": namespace, "ca.crt": authority])
        let settings = [
            "WHEREABOUTS_DATASTORE": "kubernetes", "SERVICE_ACCOUNT_PATH": account,
            "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": String(server.port),
            "NODENAME": "worker-7",
        ]
        try expectService(root, settings)
        let insecure = settings.merging(["SKIP_TLS_VERIFY": "true"]) { $1 }
        try expectService(root, insecure)
        guard Self.canEnterNode else { return }
        try expectServiceOnTheNode(root, settings)
        let reservation = try server.kubectl(
            "get",
            "overlappingrangeipreservations.whereabouts.cni.cncf.io",
            "10.20.0.1",
            "--namespace",
            namespace,
            "--output",
            "json"
        )
        #expect(reservation.contains("worker-7"), "\(reservation)")
    }
}
