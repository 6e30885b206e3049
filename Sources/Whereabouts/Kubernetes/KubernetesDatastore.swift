public import EtcdClient
public import IPAM
internal import IPTypes
internal import JSON
public import KubernetesClient

/// The Kubernetes datastore: allocation by compare-and-swap on upstream's custom resources, beside upstream's own writers, without a
/// lease or an election.
///
/// An address is claimed by creating its reservation, which only one writer can, and then by adding its entry to the pool object; it is
/// released in the same order, so that until the end the entry tells whose DEL frees it. docs/design/kubernetes.md has the reasons.
public struct KubernetesDatastore {
    /// The API group that upstream's objects have.
    public static let defaultGroup = "whereabouts.cni.cncf.io"
    /// The namespace of the objects where the kubeconfig names none, as upstream has it.
    package static let defaultNamespace = "kube-system"

    let client: KubernetesClient
    package let namespace: String
    /// The ranges that are configured, in which a release looks.
    let demands: [AllocationRequest.Demand]
    /// For how many seconds a reservation may lack its entry before it counts as left over from a call that was killed: longer than an ADD takes
    /// by default.
    var claimTimeout: Int64 = 300
    let pools: APIResource
    let reservations: APIResource
    let slicePools: APIResource
    /// The node whose slices serve, where ranges are divided.
    let node: String
    /// The name of the network configuration.
    let network: String
    var queue: NodeQueue

    /// Makes a datastore.
    ///
    /// - Parameters:
    ///   - client: The API server.
    ///   - demands: The configured ranges.
    ///   - group: The API group of the objects.
    ///   - node: The node whose slices serve, where ranges are divided.
    ///   - network: The name of the network configuration, which the slices of a network without a `network_name` go by.
    public init(
        _ client: KubernetesClient,
        demands: [AllocationRequest.Demand],
        group: String = KubernetesDatastore.defaultGroup,
        node: String = "",
        network: String = ""
    ) {
        self.init(client, demands: demands, group: group, node: node, network: network, namespace: nil)
    }

    /// Makes a datastore of a namespace for programs that look after all of its objects; nil stands for the client's.
    package init(_ client: KubernetesClient, group: String, namespace: String?) {
        self.init(client, demands: [], group: group, node: "", network: "", namespace: namespace)
    }

    private init(
        _ client: KubernetesClient,
        demands: [AllocationRequest.Demand],
        group: String,
        node: String,
        network: String,
        namespace: String?
    ) {
        self.node = node
        self.network = network
        queue = NodeQueue(node: node)
        self.client = client
        self.demands = demands
        self.namespace = namespace ?? client.namespace ?? Self.defaultNamespace
        pools = APIResource(group: group, version: "v1alpha1", plural: "ippools")
        reservations = APIResource(group: group, version: "v1alpha1", plural: "overlappingrangeipreservations")
        slicePools = APIResource(group: group, version: "v1alpha1", plural: "nodeslicepools")
    }

    /// Tells whether the pools can be read at all: the first one is.
    ///
    /// - Throws: `.undecodable`, `.kubernetes`.
    public func probe(deadline: Deadline) throws(DatastoreError) {
        guard let demand = try configuredPools(deadline: deadline).first else { return }
        _ = try pool(demand, deadline: deadline)
    }

    func send(
        _ verb: APIRequest.Verb,
        _ resource: APIResource,
        name: String? = nil,
        query: [String: String] = [:],
        deadline: Deadline
    ) throws(DatastoreError) -> APIReply {
        do throws(KubernetesError) {
            let request = APIRequest(verb, resource, namespace: namespace, name: name, query: query)
            return try client.send(request, deadline: deadline)
        } catch {
            throw .kubernetes(error)
        }
    }

    /// The pool object of a demand's range; nil when nothing was ever allocated of it.
    func pool(_ demand: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) -> PoolObject? {
        let name = try poolName(demand)
        guard case .object(let object) = try send(.get, pools, name: name, deadline: deadline) else { return nil }
        return try PoolObject(object, name: name, range: demand.pool.objectRange)
    }

    /// The pool object of a name, whatever its range; nil when there is none.
    ///
    /// - Throws: `.undecodable` for one that can't be read, which is never taken for none: its entries may be somebody's; `.kubernetes`.
    func poolObject(_ name: String, deadline: Deadline) throws(DatastoreError) -> PoolObject? {
        guard case .object(let object) = try send(.get, pools, name: name, deadline: deadline) else { return nil }
        return try Self.poolObject(object)
    }

    /// What the pool object of a demand's range is called, or that of the node's slice of it.
    func poolName(_ demand: AllocationRequest.Demand) throws(DatastoreError) -> String {
        try ObjectNames.pool(
            demand.pool.objectRange,
            networkName: demand.domain.networkName,
            node: demand.pool.slice.map { _ in node }
        )
    }

    /// The pool object of a demand's range, which is made if there is none.
    func poolOrNew(_ demand: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) -> PoolObject {
        while true {
            if let pool = try pool(demand, deadline: deadline) {
                // With entries it is not deleted, so that its slice is not taken away either.
                if pool.entries.isEmpty { try expectSlice(of: demand, deadline: deadline) }
                return pool
            }
            let range = demand.pool.objectRange
            let name = try poolName(demand)
            let object = JSONValue.object([
                "apiVersion": .string(pools.apiVersion), "kind": .string("IPPool"),
                "metadata": .object(["name": .string(name), "namespace": .string(namespace)]),
                "spec": .object(["range": .string(range.description), "allocations": .object([:])]),
            ])
            do throws(DatastoreError) {
                switch try send(.create(object), pools, deadline: deadline) {
                case .object(let made):
                    try expectSlice(of: demand, deadline: deadline)
                    return try PoolObject(made, name: name, range: range)
                case .exists, .conflict: continue
                case .missing: throw missingNamespace
                case .unprocessable(let reason): throw refused("the pool object \(name)", reason)
                }
            } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
                Backoff.pause(tries: 8)
            }
        }
    }

    /// There is no namespace to make an object in.
    var missingNamespace: DatastoreError {
        .kubernetes(
            KubernetesError(
                .invalidConfiguration,
                "the namespace \(namespace) does not exist",
                advice: "Create it, or name another one in the context of the kubeconfig."
            )
        )
    }

    /// The server finds a new object wrong, which another schema than this release's explains.
    func refused(_ object: String, _ reason: String) -> DatastoreError {
        .kubernetes(
            KubernetesError(
                .refused(status: 422),
                "the API server refuses \(object): \(reason)",
                advice: "Install the CustomResourceDefinitions of this release, and look for webhooks that refuse it."
            )
        )
    }
}

extension AddressPool {
    /// What the pool object is of: the range, or the node's slice of it.
    fileprivate var objectRange: IPPrefix {
        slice ?? range
    }
}

extension AllocationRequest.Demand {
    /// Whether the addresses are kept apart from those of other ranges by reservations.
    var isReserved: Bool {
        domain.range == nil
    }
}
