import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// From an overlay to a reconciled cluster, on one machine: an API server, the datastore, one node's file system, and the built programs as the manifests call them. What
/// is missing is the kubelet, whose part the test takes.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: Kustomization.canBeBuilt, "the kustomize of kubectl before 1.21 knows no directories as resources")
)
struct InstallationStoryTests {
    private let server: APIServer
    private let root: HostRoot

    init() throws {
        server = try APIServer()
        root = try HostRoot(.dash)
    }

    @Test(arguments: ["etcd", "kubernetes"]) func fromAnOverlayToAReconciledCluster(overlay: String) throws {
        let etcd = overlay == "etcd" ? try EtcdServer() : nil
        try server.install(NetworkDefinition.resource)
        let manifests = try Kustomization(folder: "overlays/\(overlay)").build(for: server)
        try server.kubectl("apply", "--filename", "-", input: manifests)
        let workloads = try Workload.all("overlays/\(overlay)", on: server)
        let daemonSet = try #require(workloads.first { $0.kind == "DaemonSet" })
        let cronJob = try #require(workloads.first { $0.kind == "CronJob" })

        // The pod of the DaemonSet comes to a node.
        try install(etcd)
        let network = try network()
        let loopLog = try HostLog()
        let cache = try root.mount("cache", [:])
        let control = try #require(daemonSet.containers.first { $0.program == "ip-control-loop" })
        let loop = try ServerProcess(
            "/usr/bin/env",
            ["NODENAME=worker-1", "--default-signal=TERM"] + command(control, of: daemonSet)
                // The machine's own loopback may be taken, and its runtime is another one.
                + ["--listen=127.0.0.1:0", "--settle=0", "--cni-cache=\(cache)"],
            log: loopLog.path
        )
        defer { loop.kill() }

        // Pods come, some on a node that has no loop.
        for (pod, node) in [
            ("stays", "worker-1"), ("goes", "worker-1"), ("crashes", "worker-2"), ("lives", "worker-2"),
        ] {
            try makePod(pod, node: node)
            let added = try call("ADD", pod: pod, node: node, network)
            #expect(added.status == 0 && added.addresses.count == 1, "\(added)")
            try Data().write(to: URL(fileURLWithPath: "\(cache)/whereaboutsexample-\(pod)1-net1"))
        }
        #expect(try allocations(etcd) == 4)

        // One is deleted whose DEL never comes, and the runtime forgets its container.
        try server.kubectl("delete", "pod", "goes", "--force", "--grace-period=0")
        try FileManager.default.removeItem(atPath: "\(cache)/whereaboutsexample-goes1-net1")
        try wait(loopLog) { try allocations(etcd) == 3 }

        // A node crashes: nobody is there to see it but the CronJob.
        try server.kubectl("delete", "pod", "crashes", "--force", "--grace-period=0")
        let reconciler = try #require(cronJob.containers.first)
        let reconcile = try command(reconciler, of: cronJob) + ["--grace=1s"]
        for _ in 0..<2 {
            let outcome = try RunningProcess(reconcile[0], Array(reconcile.dropFirst())).wait()
            #expect(outcome.status == 0, "\(outcome)")
            Thread.sleep(forTimeInterval: 2.1)
        }
        #expect(try allocations(etcd) == 2)
        for (pod, node) in [("stays", "worker-1"), ("lives", "worker-2")] {
            #expect(try call("CHECK", pod: pod, node: node, network).status == 0)
            #expect(try call("DEL", pod: pod, node: node, network).status == 0)
        }
        #expect(try allocations(etcd) == 0)

        // All is taken away again.
        #expect(try root.uninstall(here).status == 0)
        #expect(try root.files().isEmpty)
        try server.kubectl("delete", "--ignore-not-found", "--filename", "-", input: manifests)
    }

    // MARK: The node

    /// Where the node's files are, when its root is this machine's, so that the paths in what is written lead there from here.
    private var here: [String: String] {
        ["HOST_ROOT": "/", "CNI_BIN_DIR": root.path + "/opt/cni/bin", "CNI_CONF_DIR": root.path + "/etc/cni/net.d"]
    }

    /// Runs the installer as the DaemonSet does, with the settings of its ConfigMap and the token of its account.
    private func install(_ etcd: EtcdServer?) throws {
        let answer = try server.kubectl(
            "get",
            "configmaps",
            "--namespace",
            "kube-system",
            "--selector",
            "app.kubernetes.io/name=whereabouts",
            "--output",
            "json"
        )
        let list = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let items = try #require(list?["items"] as? [[String: Any]])
        var settings = try #require(items.first?["data"] as? [String: String])
        let account = try root.mount(
            "account",
            [
                "token": try server.serviceAccountToken("whereabouts", namespace: "kube-system"),
                "namespace": "kube-system", "ca.crt": String(contentsOfFile: TLSFixture.ca, encoding: .utf8),
            ]
        )
        settings.merge(here) { $1 }
        settings["NODENAME"] = "worker-1"
        settings["SERVICE_ACCOUNT_PATH"] = account
        settings["KUBERNETES_SERVICE_HOST"] = "127.0.0.1"
        settings["KUBERNETES_SERVICE_PORT"] = String(server.port)
        // The overlay names the etcd of the examples.
        if let etcd { settings["WHEREABOUTS_ETCD_HOST"] = etcd.endpoint }
        let outcome = try root.install(settings)
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// A container's program with its arguments, as they are where the node's files are here, and with a kubeconfig of its account.
    private func command(_ container: Workload.Container, of workload: Workload) throws -> [String] {
        let account = try #require(workload.podSpec["serviceAccountName"] as? String)
        let token = try server.serviceAccountToken(account, namespace: "kube-system")
        let kubeconfig = try server.kubeconfig(#""token": "\#(token)""#, namespace: "kube-system")
        let program = Checkout.root.appendingPathComponent(".build/debug/\(container.program)").path
        let arguments = container.command.dropFirst().map { $0.replacing("=/etc/cni", with: "=\(root.path)/etc/cni") }
        return [program] + arguments + ["--kubeconfig=\(kubeconfig)"]
            + (container.program == "ip-control-loop" ? ["--service-account=\(try root.mount("account", [:]))"] : [])
    }

    /// The configuration of the example's network, from the API server as Multus has it, with the way to the flat file here.
    private func network() throws -> String {
        let examples = Checkout.root.appendingPathComponent("deploy/examples/networks/macvlan.yaml").path
        try server.kubectl("apply", "--filename", examples)
        let text = try server.kubectl(
            "get",
            "network-attachment-definition",
            "whereabouts-conf",
            "--output",
            "jsonpath={.spec.config}"
        )
        return text.replacing(
            #""type": "whereabouts","#,
            with:
                #""type": "whereabouts", "configuration_path": "\#(root.ownDirectory)/whereabouts.conf", "etcd_token_cache": "none","#
        )
    }

    // MARK: The kubelet's part

    private func makePod(_ name: String, node: String) throws {
        try server.kubectl(
            "create",
            "--validate=false",
            "--filename",
            "-",
            input: """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\(name)"},
                 "spec": {"nodeName": "\(node)", "containers": [{"name": "c", "image": "none"}]}}
                """
        )
    }

    /// Calls the installed program for a pod's interface; CHECK gets the result of another ADD, which is the same.
    private func call(_ command: String, pod: String, node: String, _ network: String) throws -> RunningProcess.Outcome
    {
        let uid = try server.kubectl("get", "pod", pod, "--output", "jsonpath={.metadata.uid}")
        var configuration = network
        if command == "CHECK" {
            let result = try call("ADD", pod: pod, node: node, network).output
            configuration = try #require(
                network.lastIndex(of: "}").map { network[..<$0] + #", "prevResult": \#(result)}"# }
            )
            .replacing(#""cniVersion": "0.3.0""#, with: #""cniVersion": "0.4.0""#)
            .replacing(#""cniVersion":"0.3.0""#, with: #""cniVersion":"0.4.0""#)
        }
        return try RunningProcess(
            root.program,
            environment: [
                "CNI_COMMAND": command, "CNI_CONTAINERID": "\(pod)1", "CNI_IFNAME": "net1",
                "CNI_NETNS": "/var/run/netns/none", "CNI_PATH": root.path + "/opt/cni/bin", "NODENAME": node,
                "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=\(pod);K8S_POD_UID=\(uid)",
            ],
            input: Data(configuration.utf8)
        ).wait()
    }

    // MARK: The datastore

    private func allocations(_ etcd: EtcdServer?) throws -> Int {
        if let etcd {
            return try etcd.etcdctl("get", "--prefix", "--keys-only", "/whereabouts/v1/address/").split(separator: "\n")
                .count
        }
        let text = try server.kubectl(
            "get",
            "ippools.whereabouts.cni.cncf.io",
            "--namespace",
            "kube-system",
            "--output",
            "jsonpath={.items[*].spec.allocations}"
        )
        return text.matches(of: /"podref"/).count
    }

    private func wait(_ log: HostLog, _ isDone: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isDone() {
            try #require(ContinuousClock.now < deadline, "\(log.text.suffix(3000))")
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    /// The log of a program.
    private final class HostLog {
        private let scratch: ScratchDirectory

        init() throws {
            scratch = try ScratchDirectory("story")
        }

        var path: String { scratch.path("log") }

        var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
    }
}
