import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// What of deploy/ is built by kustomize: the API server takes it, and the installer and the plugin take what it says to them.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: Kustomization.canBeBuilt, "the kustomize of kubectl before 1.21 knows no directories as resources")
)
struct ManifestTests {
    private let server: APIServer

    init() throws {
        server = try SharedAPIServer.started()
    }

    @Test func theFoldersAreThere() throws {
        let folders = try Kustomization.all().map(\.folder)
        #expect(
            Set(folders).isSuperset(of: [
                "base", "crds", "examples/etcd", "examples/etcd-operator/coreos", "examples/etcd-operator/etcd-io",
                "examples/networks", "examples/node-slices", "examples/reconciler-deployment", "examples/token",
                "examples/uninstall",
                "k8s.io/crds",
                "k8s.io/rbac", "overlays/etcd", "overlays/etcd-secure", "overlays/kubernetes", "rbac",
            ]),
            "\(folders)"
        )
    }

    /// Each is checked by kubectl against the server's schema too, so that no misspelt field passes.
    @Test func theAPIServerTakesEverything() throws {
        try server.install(Kustomization.foreignDefinitions)
        for kustomization in try Kustomization.all() {
            // Without a namespace of their own they go where kubectl is told.
            let text = try kustomization.build(for: server)
            try server.kubectl("apply", "--namespace", "kube-system", "--filename", "-", input: text)
        }
    }

    /// The settings of an overlay, as the API server has them.
    private func settings(_ folder: String) throws -> [String: String] {
        let text = try Kustomization(folder: folder).build(for: server)
        try server.kubectl("apply", "--filename", "-", input: text)
        let name = try #require(text.firstMatch(of: /name: (whereabouts-installer-[a-z0-9]+)/)?.1)
        let answer = try server.kubectl(
            "get",
            "configmap",
            String(name),
            "--namespace",
            "kube-system",
            "--output",
            "json"
        )
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        return try #require(object?["data"] as? [String: String])
    }

    @Test(arguments: InstallerShell.allCases) func theInstallerTakesTheSettingsForEtcd(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        let outcome = try root.install(settings("overlays/etcd"))
        #expect(outcome.status == 0, "\(outcome)")
        let flatFile = try root.flatFile()
        #expect(flatFile["datastore"] as? String == "etcd")
        #expect(
            flatFile["etcd_host"] as? String == "whereabouts-etcd-client.kube-system.svc.cluster.local:2379"
        )
        #expect(flatFile["reconciler_cron_expression"] as? String == "30 4 * * *")
    }

    @Test(arguments: InstallerShell.allCases) func theInstallerTakesTheSecretForEtcd(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        var settings = try settings("overlays/etcd-secure")
        #expect(settings["WHEREABOUTS_ETCD_SECRET_DIR"] == "/etc/whereabouts-etcd")
        let answer = try server.kubectl(
            "get",
            "secret",
            "whereabouts-etcd",
            "--namespace",
            "kube-system",
            "--output",
            "json"
        )
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        // What is there for a certificate and a key is to be replaced, as it says itself.
        var items = try #require(object?["data"] as? [String: String])
        let files = [
            "ca.crt": TLSFixture.ca, "tls.crt": TLSFixture.clientECDSA.certificate,
            "tls.key": TLSFixture.clientECDSA.key,
        ]
        #expect(Set(items.keys) == Set(files.keys).union(["username", "password"]))
        for (name, file) in files { items[name] = try String(contentsOfFile: file, encoding: .utf8) }
        settings["WHEREABOUTS_ETCD_SECRET_DIR"] = try root.mount("secret", items)
        let outcome = try root.install(settings)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            try Set(root.flatFile().keys).isSuperset(of: [
                "etcd_ca_cert_file", "etcd_cert_file", "etcd_key_file", "etcd_username", "etcd_password",
            ])
        )
    }

    @Test(arguments: InstallerShell.allCases) func theInstallerTakesTheSettingsForKubernetes(
        shell: InstallerShell
    ) throws {
        let root = try HostRoot(shell)
        var settings = try settings("overlays/kubernetes")
        // The service account and its Role are the overlay's.
        let token = try server.serviceAccountToken("whereabouts", namespace: "kube-system")
        let authority = try String(contentsOfFile: TLSFixture.ca, encoding: .utf8)
        settings["SERVICE_ACCOUNT_PATH"] = try root.mount("account", ["token": token, "ca.crt": authority])
        settings["KUBERNETES_SERVICE_HOST"] = "127.0.0.1"
        settings["KUBERNETES_SERVICE_PORT"] = String(server.port)
        settings["HOST_ROOT"] = "/"
        settings["CNI_BIN_DIR"] = root.path + "/opt/cni/bin"
        settings["CNI_CONF_DIR"] = root.path + "/etc/cni/net.d"
        let outcome = try root.install(settings)
        #expect(outcome.status == 0, "\(outcome)")
        let flatFile = root.ownDirectory + "/whereabouts.conf"
        for command in ["ADD", "DEL"] {
            let call = try Plugin.call(
                command,
                container: "c-\(shell)",
                arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-\(shell)",
                configuration: Plugin.configuration(
                    etcd: "",
                    #""range": "10.20.0.0/24", "configuration_path": "\#(flatFile)""#
                )
            )
            #expect(call.status == 0, "\(command): \(call)")
        }
    }

    @Test func thePluginTakesTheNetworks() throws {
        try server.install(Kustomization.foreignDefinitions)
        let namespace = try server.makeNamespace()
        let text = try Kustomization(folder: "examples/networks").build()
        try server.kubectl("apply", "--namespace", namespace, "--filename", "-", input: text)
        let answer = try server.kubectl(
            "get",
            "network-attachment-definitions",
            "--namespace",
            namespace,
            "--output",
            "json"
        )
        let list = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let items = try #require(list?["items"] as? [[String: Any]])
        #expect(items.count == 3)
        let root = try HostRoot(.dash)
        #expect(try root.install(["WHEREABOUTS_ETCD_HOST": "10.0.0.5:2379"]).status == 0)
        for item in items {
            let config = try #require((item["spec"] as? [String: Any])?["config"] as? String)
            var network = try #require(try JSONSerialization.jsonObject(with: Data(config.utf8)) as? [String: Any])
            var ipam = try #require(network["ipam"] as? [String: Any])
            ipam["configuration_path"] = root.ownDirectory
            network["ipam"] = ipam
            let document = try JSONSerialization.data(withJSONObject: network)
            let outcome = try RunningProcess(Plugin.path, ["validate"], environment: [:], input: document).wait()
            #expect(outcome.status == 0, "\(outcome)")
        }
    }
}
