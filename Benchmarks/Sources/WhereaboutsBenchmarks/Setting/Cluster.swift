internal import EtcdLab
internal import Foundation
internal import JSON
internal import KubernetesLab

/// An API server with networks in namespaces of their own.
struct Cluster {
    /// The server.
    let server: APIServer

    /// What upstream's plugin asks for beyond ours: the list of the pool objects, and the lease.
    private static let upstreamRole = """
        {"apiVersion": "v1", "kind": "List", "items": [
         {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "upstream"}, "rules": [
          {"apiGroups": ["whereabouts.cni.cncf.io"], "resources": ["ippools"], "verbs": ["list"]},
          {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}]},
         {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "upstream"},
          "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "upstream"},
          "subjects": [{"kind": "ServiceAccount", "name": "whereabouts"}]}]}
        """

    /// Makes a network of our plugin, whose service account may do what is shipped.
    func network(_ name: String, _ bench: Bench, range: String, _ members: [String: JSONValue] = [:]) throws -> Network
    {
        try namespace(name, bench, range: range, members).network
    }

    /// Makes a network of what stands in for upstream's plugin.
    func upstream(_ name: String, _ bench: Bench, range: String) throws -> Network {
        var (network, namespace) = try namespace(name, bench, range: range, [:])
        try apply(Self.upstreamRole, namespace: namespace)
        network.plugin = bench.standIn
        return network
    }

    /// Makes a network of our plugin whose range is divided among nodes, as the controller divides it: node by node, a /24 of `10.20.0.0/16` each.
    func sliced(_ name: String, _ bench: Bench, nodes: [String]) throws -> Network {
        let range = "10.20.0.0/16"
        let members = ["node_slice_size": JSONValue.string("/24")]
        let (network, namespace) = try namespace(name, bench, range: range, members)
        let slices = nodes.enumerated().map { index, node in
            #"{"nodeName": "\#(node)", "sliceRange": "10.20.\#(index).0/24"}"#
        }
        try apply(
            """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "NodeSlicePool", "metadata": {"name": "benchmark"},
             "spec": {"range": "\(range)", "sliceSize": "24"}, "status": {"allocations": [\(slices.joined(separator: ","))]}}
            """,
            namespace: namespace
        )
        return network
    }

    private func namespace(
        _ name: String,
        _ bench: Bench,
        range: String,
        _ members: [String: JSONValue]
    ) throws -> (network: Network, namespace: String) {
        let (namespace, kubeconfig) = try server.makePluginNamespace()
        let store = Network.Store.kubernetes(kubeconfig: try server.kubeconfig(namespace: namespace))
        let ipam: [String: JSONValue] = [
            "datastore": .string("kubernetes"), "kubernetes": .object(["kubeconfig": .string(kubeconfig)]),
            // A DEL that left its release for later would end before it has done its work.
            "release_journal": .string("none"),
        ]
        return (try bench.network(name, store, range: range, members.merging(ipam) { $1 }), namespace)
    }

    private func apply(_ manifest: String, namespace: String) throws {
        try server.kubectl(
            "apply",
            "--validate=false",
            "--namespace",
            namespace,
            "--filename",
            "-",
            input: manifest
        )
    }

    /// The release of the server.
    func version() throws -> String {
        struct Version: Decodable {
            let gitVersion: String
        }
        return try JSONDecoder().decode(Version.self, from: Data(server.curl("/version").output.utf8)).gitVersion
    }

    /// How many requests for upstream's objects and for leases the server has answered so far, by its own count.
    func requests() throws -> Int {
        let groups = ["whereabouts.cni.cncf.io", "coordination.k8s.io"].map { #"group="\#($0)""# }
        return try server.curl("/metrics").output.split(separator: "\n")
            .filter { line in line.hasPrefix("apiserver_request_total{") && groups.contains { line.contains($0) } }
            .reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Int(Double($0) ?? 0) } ?? 0) }
    }
}
