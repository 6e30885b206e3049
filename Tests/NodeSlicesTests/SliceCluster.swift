import EtcdClient
import EtcdLab
import Foundation
import JSON
import KubernetesClient
import KubernetesLab
import Logging
import NodeSlices
import TestSupport
import Testing

/// An API server with nodes and networks, and a controller that may do what the shipped manifest permits.
///
/// Nodes belong to no namespace, so tests that share a server run one after the other, and begin with `clear`.
final class SliceCluster: @unchecked Sendable {
    static let shared = Result { try SliceCluster() }

    let server: APIServer
    private(set) var namespace = ""
    /// The kubeconfig of the controller's service account.
    private(set) var controllerConfig = ""
    /// The kubeconfig of the plugin's service account.
    private(set) var pluginConfig = ""

    private init() throws {
        server = try APIServer()
        try server.install(NetworkDefinition.resource)
    }

    /// Makes a namespace for one test, in a cluster without nodes and networks.
    func clear() throws {
        try server.kubectl("delete", "nodes", "--all")
        try server.kubectl("delete", "network-attachment-definitions", "--all", "--all-namespaces")
        (namespace, pluginConfig) = try server.makePluginNamespace()
        let manifest = Checkout.root.appendingPathComponent("deploy/rbac/node-slice-controller.yaml")
        let text = try String(contentsOf: manifest, encoding: .utf8).replacing("kube-system", with: namespace)
        try server.kubectl("apply", "--validate=false", "--filename", "-", input: text)
        let token = try server.serviceAccountToken("whereabouts-node-slice-controller", namespace: namespace)
        controllerConfig = try server.kubeconfig(#""token": "\#(token)""#, namespace: namespace)
    }

    func addNodes(_ names: String...) throws {
        for name in names {
            try server.kubectl(
                "create",
                "--validate=false",
                "--filename",
                "-",
                input: #"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "\#(name)"}}"#
            )
        }
    }

    func removeNode(_ name: String) throws {
        try server.kubectl("delete", "node", name)
    }

    /// Defines a network with these members of `ipam`.
    func define(_ name: String, _ ipam: String, in namespace: String? = nil, network: String? = nil) throws {
        let config = """
            {"cniVersion": "1.0.0", "name": "\(network ?? name)", "type": "macvlan", "ipam": {"type": "whereabouts",
             "datastore": "kubernetes", "kubernetes": {"kubeconfig": "\(pluginConfig)"}, \(ipam)}}
            """
        let object = JSONValue.object([
            "apiVersion": .string("k8s.cni.cncf.io/v1"), "kind": .string("NetworkAttachmentDefinition"),
            "metadata": .object(["name": .string(name), "namespace": .string(namespace ?? self.namespace)]),
            "spec": .object(["config": .string(config)]),
        ])
        try server.kubectl(
            "apply",
            "--validate=false",
            "--filename",
            "-",
            input: String(decoding: object.encoded(), as: UTF8.self)
        )
    }

    func undefine(_ name: String) throws {
        try server.kubectl("delete", "network-attachment-definition", name, "--namespace", namespace)
    }

    /// Has a controller, a new one each time, look at everything once.
    func pass(as kubeconfig: String? = nil) throws -> NodeSliceController.Outcome {
        let client = try KubernetesClient(.kubeconfig(path: kubeconfig ?? controllerConfig))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try NodeSliceController(client, .init(), logger: logger).pass(deadline: .after(.seconds(60)))
    }

    /// What a pool says of its slices, as `node slice`.
    func slices(_ pool: String) throws -> [String] {
        let object = try object("nodeslicepool", pool)
        let status = try #require(object["status"] as? [String: Any])
        return try #require(status["allocations"] as? [[String: String]]).map {
            "\($0["nodeName"] ?? "") \($0["sliceRange"] ?? "")"
        }
    }

    func object(_ kind: String, _ name: String) throws -> [String: Any] {
        let text = try server.kubectl("get", kind, name, "--namespace", namespace, "--output", "json")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The names of all objects of a kind.
    func names(_ kind: String) throws -> [String] {
        try server.kubectl("get", kind, "--namespace", namespace, "--output", "name").split(separator: "\n")
            .map { String($0.split(separator: "/")[1]) }
    }
}
