import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// From an overlay to a reconciled cluster, on one machine.
///
/// There are an API server, the datastore, one node's file system, and the built programs as the manifests call them. What is missing is the kubelet, whose part the test takes.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: Kustomization.canBeBuilt, "the kustomize of kubectl before 1.21 knows no directories as resources")
)
struct InstallationStoryTests {
    private let server: APIServer
    private let root: HostRoot
    private let scratch: ScratchDirectory

    init() throws {
        root = try HostRoot(.dash)
        scratch = try ScratchDirectory("story")
        try Data(AccountRights.auditPolicy.utf8).write(to: URL(fileURLWithPath: scratch.path("policy.json")))
        server = try APIServer(arguments: [
            "--audit-policy-file=\(scratch.path("policy.json"))", "--audit-log-path=\(scratch.path("audit.log"))",
        ])
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
        let cache = try root.mount("cache", [:])
        let control = try #require(daemonSet.containers.first { $0.program == "ip-control-loop" })
        let loop = try ServerProcess(
            "/usr/bin/env",
            ["--default-signal=TERM", "NODENAME=worker-1"] + command(control, of: daemonSet)
                // The machine's own loopback may be taken, and its runtime is another one.
                + ["--listen=127.0.0.1:0", "--settle=0", "--pool-metrics=1s", "--cni-cache=\(cache)"],
            log: scratch.path("log")
        )
        defer { loop.kill() }

        // Pods come, some on a node that has no loop.
        for (pod, node) in [
            ("stays", "worker-1"), ("goes", "worker-1"), ("crashes", "worker-2"), ("too", "worker-2"),
            ("lives", "worker-2"),
        ] {
            try makePod(pod, node: node)
            let added = try call("ADD", pod: pod, node: node, network)
            #expect(added.status == 0 && added.addresses.count == 1, "\(added)")
            try Data().write(to: URL(fileURLWithPath: "\(cache)/whereaboutsexample-\(pod)1-net1"))
        }
        #expect(try allocations(etcd) == 5)

        // One is deleted whose DEL never comes, and the runtime forgets its container.
        try server.kubectl("delete", "pod", "goes", "--force", "--grace-period=0")
        try FileManager.default.removeItem(atPath: "\(cache)/whereaboutsexample-goes1-net1")
        try wait { try allocations(etcd) == 4 }

        // A node crashes, pod by pod: nobody is there to see it but the CronJob.
        let reconciler = try #require(cronJob.containers.first)
        let reconcile = try command(reconciler, of: cronJob)
        for (pod, grace) in [("crashes", "1h"), ("too", "1h"), (nil, "2s")] {
            if let pod {
                try server.kubectl("delete", "pod", pod, "--force", "--grace-period=0")
            } else {
                #expect(try allocations(etcd) == 4)
                Thread.sleep(forTimeInterval: 3.1)
            }
            let outcome = try RunningProcess(reconcile[0], reconcile.dropFirst() + ["--grace=\(grace)"]).wait()
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(try allocations(etcd) == 2)
        for (pod, node) in [("stays", "worker-1"), ("lives", "worker-2")] {
            #expect(try call("CHECK", pod: pod, node: node, network).status == 0)
            #expect(try call("DEL", pod: pod, node: node, network).status == 0)
        }
        #expect(try allocations(etcd) == 0)
        if etcd == nil {
            try useTheRest(network)
            kill(loop.identifier, SIGTERM)
            try wait { !loop.isRunning }
            // Each has the rights of its manifest, was never refused, and has used every one of them.
            for account in ["whereabouts", "ip-reconciler"] {
                let granted = try AccountRights.granted(to: account, in: "kube-system", on: server)
                // What was asked for last is logged a little later.
                let deadline = ContinuousClock.now + .seconds(20)
                while try used(by: account) != granted, ContinuousClock.now < deadline {
                    Thread.sleep(forTimeInterval: 0.2)
                }
                let used = try used(by: account)
                #expect(granted.subtracting(used).isEmpty, "\(account) needs them not")
                #expect(used.subtracting(granted).isEmpty, "\(account) may not")
            }
        }

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

    private func used(by account: String) throws -> Set<String> {
        try AccountRights.used(by: account, log: String(contentsOfFile: scratch.path("audit.log"), encoding: .utf8))
    }

    /// Does what needs the rights that the story does without: a range that is divided among the nodes, and the pools' figures.
    private func useTheRest(_ network: String) throws {
        let sliced = network.replacing("192.168.2.225/28", with: #"10.22.0.0/24", "node_slice_size": "/28"#)
        try server.kubectl(
            "create",
            "--validate=false",
            "--namespace",
            "kube-system",
            "--filename",
            "-",
            input: """
                {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "NodeSlicePool",
                 "metadata": {"name": "whereaboutsexample"}, "spec": {"range": "10.22.0.0/24", "sliceSize": "/28"},
                 "status": {"allocations": [{"nodeName": "worker-1", "sliceRange": "10.22.0.16/28"}]}}
                """
        )
        let definition: [String: Any] = [
            "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "metadata": ["name": "sliced"],
            "spec": ["config": sliced],
        ]
        let text = String(decoding: try JSONSerialization.data(withJSONObject: definition), as: UTF8.self)
        try server.kubectl("create", "--validate=false", "--filename", "-", input: text)
        let added = try call("ADD", pod: "stays", node: "worker-1", sliced)
        #expect(added.status == 0, "\(added)")
        let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
        let port = try #require(log.firstMatch(of: /listening on 127.0.0.1 port ([0-9]+)/)).1
        let used = #"whereabouts_pool_used_addresses{network="whereaboutsexample",network_name="",range="10.22.0.0/24""#
        try wait {
            try RunningProcess.run("curl", "--silent", "http://127.0.0.1:\(port)/metrics").contains(used)
        }
    }

    private func wait(_ isDone: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isDone() {
            let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
            try #require(ContinuousClock.now < deadline, "\(log.suffix(3000))")
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
