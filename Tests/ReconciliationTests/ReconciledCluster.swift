import EtcdClient
import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// The datastore that a test is about.
enum StoreKind: String, CaseIterable, Sendable {
    case etcd, kubernetes
}

/// An API server with pods, a datastore, and the two programs, each with no more than its manifest permits.
///
/// Pods of all namespaces count, so tests that share the server run one after the other, and begin with `clear`.
final class ReconciledCluster: @unchecked Sendable {
    static let shared = Result { try ReconciledCluster() }
    /// Another one, so that two suites with long waits need not wait for each other.
    static let ofControlLoops = Result { try ReconciledCluster() }
    static let program = Checkout.root.appendingPathComponent(".build/debug/ip-reconciler").path

    let server: APIServer
    private(set) var namespace = ""
    /// The kubeconfig of the reconciler's service account.
    private(set) var reconcilerConfig = ""
    private(set) var etcd: EtcdServer?
    private(set) var kind = StoreKind.etcd
    private(set) var pluginConfig = ""
    private var token = ""
    private let directory: ScratchDirectory

    private init() throws {
        server = try APIServer()
        try server.install(NetworkDefinition.resource)
        directory = try ScratchDirectory("reconciler")
    }

    /// Makes a namespace and an empty datastore for one test, in a cluster with one pod, which is nobody's.
    func clear(_ kind: StoreKind) throws {
        self.kind = kind
        try server.kubectl("delete", "pods", "--all", "--all-namespaces", "--force", "--grace-period=0")
        (namespace, pluginConfig) = try server.makePluginNamespace()
        let text = try Manifest.text("rbac/ip-reconciler.yaml").replacing("kube-system", with: namespace)
        try server.kubectl("apply", "--validate=false", "--filename", "-", input: text)
        token = try server.serviceAccountToken("ip-reconciler", namespace: namespace)
        reconcilerConfig = try server.kubeconfig(#""token": "\#(token)""#, namespace: namespace)
        etcd = kind == .etcd ? try EtcdServer() : nil
        try writeFlatFile()
        _ = try makePod("bystander")
    }

    // MARK: The reconciler

    var flatFile: String { directory.path("whereabouts.conf") }

    func writeFlatFile(_ members: String = "") throws {
        let store =
            etcd.map { #""etcd_host": "\#($0.endpoint)", "etcd_token_cache": "none""# } ?? #""datastore": "kubernetes""#
        try write("{\(store)\(members)}", to: "whereabouts.conf")
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: directory.url.appendingPathComponent(name), options: .atomic)
        return directory.path(name)
    }

    func path(_ name: String) -> String { directory.path(name) }

    func arguments(_ more: [String], kubeconfig: String? = nil) -> [String] {
        ["--config", flatFile, "--kubeconfig", kubeconfig ?? reconcilerConfig] + more
    }

    /// A kubeconfig of the reconciler's that leads through a front.
    func reconcilerConfig(by front: HTTPFront) throws -> String {
        let cluster = #""server": "https://127.0.0.1:\#(front.port)", "certificate-authority": "\#(TLSFixture.ca)""#
        return try server.kubeconfig(#""token": "\#(token)""#, cluster: cluster, namespace: namespace)
    }

    /// A kubeconfig of the plugin's account that leads over another place.
    func pluginConfig(by endpoint: String) throws -> String {
        let cluster = #""server": "https://\#(endpoint)", "certificate-authority": "\#(TLSFixture.ca)""#
        let token = try server.serviceAccountToken("whereabouts", namespace: namespace)
        return try server.kubeconfig(#""token": "\#(token)""#, cluster: cluster, namespace: namespace)
    }

    /// Whether a reconciler has the datastore to itself.
    func isTaken() throws -> Bool {
        if let etcd {
            return try etcd.client().get("/whereabouts/v1/reconciler", deadline: .after(.seconds(10))) != nil
        }
        return try items("leases").contains { item in
            let holder = (item["spec"] as? [String: Any])?["holderIdentity"] as? String
            return !(holder ?? "").isEmpty
        }
    }

    /// Runs the reconciler to its end.
    func reconcile(_ more: String...) throws -> RunningProcess.Outcome {
        try RunningProcess(Self.program, arguments(more)).wait()
    }

    /// Runs it, with a report, and expects that all is well.
    func report(_ more: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        let file = directory.path("report.json")
        let outcome = try RunningProcess(Self.program, arguments(["--report", file] + more)).wait()
        #expect(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
        let text = try Data(contentsOf: URL(fileURLWithPath: file))
        return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    }

    // MARK: Pods

    /// Makes a pod and returns its UID; with a node it ends only when the node's kubelet says so, and there is none.
    func makePod(_ name: String, node: String? = nil, annotations: [String: String] = [:]) throws -> String {
        let metadata = String(decoding: try JSONSerialization.data(withJSONObject: annotations), as: UTF8.self)
        let place = node.map { #""nodeName": "\#($0)", "# } ?? ""
        try server.kubectl(
            "create",
            "--validate=false",
            "--namespace",
            namespace,
            "--filename",
            "-",
            input: """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\(name)", "annotations": \(metadata)},
                 "spec": {\(place)"containers": [{"name": "c", "image": "none"}]}}
                """
        )
        return try server.kubectl("get", "pod", name, "--namespace", namespace, "--output", "jsonpath={.metadata.uid}")
    }

    /// Deletes a pod as an operator does whose node is gone.
    func removePod(_ names: String...) throws {
        for name in names {
            try server.kubectl("delete", "pod", name, "--namespace", namespace, "--force", "--grace-period=0")
        }
    }

    /// Has a pod be in a phase.
    func setPhase(_ phase: String, of pod: String) throws {
        let path = "/api/v1/namespaces/\(namespace)/pods/\(pod)/status"
        let answer = try server.curl(
            path,
            "--request",
            "PATCH",
            "--header",
            "Content-Type: application/merge-patch+json",
            "--data",
            #"{"status": {"phase": "\#(phase)"}}"#
        )
        try #require(answer.output.contains(#""phase": "\#(phase)""#), "\(answer)")
    }

    // MARK: The plugin

    func call(
        _ command: String,
        _ container: String,
        pod: String,
        uid: String? = nil,
        interface: String = "eth0",
        node: String = "node-a",
        journal: String = "none",
        _ ipam: String = #""range": "10.20.0.0/24""#
    ) throws -> RunningProcess.Outcome {
        let store =
            etcd.map { #""etcd_host": "\#($0.endpoint)", "etcd_token_cache": "none""# }
            ?? #""datastore": "kubernetes", "kubernetes": {"kubeconfig": "\#(pluginConfig)"}"#
        let name = "IgnoreUnknown=1;K8S_POD_NAMESPACE=\(namespace);K8S_POD_NAME=\(pod)"
        return try Plugin.call(
            command,
            container: container,
            interface: interface,
            arguments: name + (uid.map { ";K8S_POD_UID=\($0)" } ?? ""),
            environment: ["NODENAME": node],
            configuration: """
                {"cniVersion": "1.0.0", "name": "lab", "type": "bridge", "ipam": {"type": "whereabouts",
                 "release_journal": "\(journal)", \(store), \(ipam)}}
                """
        )
    }

    /// An ADD for a pod, which must be there by then.
    @discardableResult
    func add(
        _ container: String,
        pod: String,
        uid: String? = nil,
        interface: String = "eth0",
        node: String = "node-a",
        _ ipam: String = #""range": "10.20.0.0/24""#
    ) throws -> [String] {
        let outcome = try call("ADD", container, pod: pod, uid: uid, interface: interface, node: node, ipam)
        try #require(outcome.status == 0, "\(outcome)")
        return outcome.addresses.map { String($0.prefix { $0 != "/" }) }
    }

    /// The addresses that somebody has, with the network's name before those of a named one; of the Kubernetes datastore by the pool objects.
    func taken() throws -> [String] {
        if let etcd {
            return try etcd.addressKeys().map { key in
                let parts = key.description.split(separator: "/")
                let address =
                    parts[5].split(separator: ".").count == 4
                    ? parts[5].split(separator: ".").map { String(Int($0) ?? -1) }.joined(separator: ".")
                    : String(parts[5])
                return parts[3] == "default" ? address : "\(parts[3].dropFirst("network:".count)) \(address)"
            }.sorted()
        }
        return try items("ippools").flatMap { item in
            let name = try #require((item["metadata"] as? [String: Any])?["name"] as? String)
            let spec = try #require(item["spec"] as? [String: Any])
            let entries = try #require(spec["allocations"] as? [String: Any])
            return entries.keys.map { "\(name) \($0)" }
        }.sorted()
    }

    /// The names of all reservations.
    func reservations() throws -> [String] {
        try items("overlappingrangeipreservations").compactMap {
            ($0["metadata"] as? [String: Any])?["name"] as? String
        }
        .sorted()
    }

    /// The events of a reason, each as the object's name and the message.
    func events(_ reason: String) throws -> [String] {
        try items("events").filter { $0["reason"] as? String == reason }.map { item in
            let involved = item["involvedObject"] as? [String: Any]
            return "\(involved?["name"] ?? ""): \(item["message"] ?? "")"
        }
    }

    func items(_ kind: String) throws -> [[String: Any]] {
        let text = try server.kubectl("get", kind, "--namespace", namespace, "--output", "json")
        let list = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(list?["items"] as? [[String: Any]])
    }
}
