internal import EtcdClient
internal import EtcdLab
internal import IPAM
internal import JSON
internal import KubernetesClient
internal import KubernetesLab

@testable internal import Whereabouts

/// The kinds of datastore; every test of conformance runs on each.
enum StoreUnderTest: CaseIterable {
    case etcd, kubernetes

    /// An empty store of the kind.
    func make() throws -> Store {
        switch self {
        case .etcd: try Store(etcd: EtcdServer())
        case .kubernetes: try Store(kubeconfig: SharedServers.apiServer().makePluginNamespace().kubeconfig)
        }
    }
}

/// One empty store, to which any number of clients can be made.
final class Store: @unchecked Sendable {
    private let etcd: EtcdServer?
    private let kubeconfig: String?
    private let group: String

    init(etcd: EtcdServer) {
        self.etcd = etcd
        kubeconfig = nil
        group = ""
    }

    init(kubeconfig: String, group: String = KubernetesDatastore.defaultGroup) {
        etcd = nil
        self.kubeconfig = kubeconfig
        self.group = group
    }

    /// The store by a client of its own, as a call of the plugin sees it on a node, of the network `lab`, whose configuration has these ranges.
    func datastore(_ demands: [AllocationRequest.Demand], node: String = "") throws -> any Datastore {
        if let etcd {
            return EtcdDatastore(try etcd.client(), node: node)
        }
        let client = try KubernetesClient(.kubeconfig(path: kubeconfig ?? ""))
        return KubernetesDatastore(client, demands: demands, group: group, node: node, network: "lab")
    }

    /// Divides a range among nodes, each given so many slices: what a controller does for Kubernetes, where it has written this, and etcd on demand.
    func divide(_ range: String, length: Int, slices: [(node: String, slice: String)]) throws {
        guard let kubeconfig else { return }
        let allocations = slices.map {
            JSONValue.object(["nodeName": .string($0.node), "sliceRange": .string($0.slice)])
        }
        let administrator = try SharedServers.apiServer()
        let client = try KubernetesClient(.kubeconfig(path: kubeconfig))
        let object = JSONValue.object([
            "apiVersion": .string("\(group)/v1alpha1"), "kind": .string("NodeSlicePool"),
            "metadata": .object(["name": .string("lab"), "namespace": .string(client.namespace ?? "")]),
            "spec": .object(["range": .string(range), "sliceSize": .string("/\(length)")]),
            "status": .object(["allocations": .array(allocations)]),
        ])
        let text = String(decoding: object.encoded(), as: UTF8.self)
        try administrator.kubectl("apply", "--validate=false", "--filename", "-", input: text)
    }
}

/// The API server that all tests share; each has a namespace of its own.
enum SharedServers {
    private struct Shared: @unchecked Sendable {
        let server: APIServer
    }

    private static let made = Result { try Shared(server: APIServer()) }

    static func apiServer() throws -> APIServer {
        try made.get().server
    }
}
