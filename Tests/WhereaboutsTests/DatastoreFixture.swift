import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// A datastore on a real etcd of its own, and short ways to call it.
struct DatastoreFixture {
    let etcd: EtcdServer
    let client: EtcdClient
    let datastore: EtcdDatastore

    init(arguments: [String] = []) throws {
        etcd = try EtcdServer(arguments: arguments)
        client = try etcd.client()
        datastore = EtcdDatastore(client)
    }

    static func deadline() -> Deadline { .after(.seconds(20)) }

    /// A moment behind everything that is written now, for a garbage collection that is to find it.
    static let later = NodeMoment(
        time: "9999-01-01T00:00:00Z",
        uptime: NodeMoment.now.uptime.map { NodeMoment.Uptime(boot: $0.boot, nanoseconds: .max) }
    )

    /// The demand for one address of a range.
    static func demand(
        _ range: String,
        exclude: [String] = [],
        gateway: String? = nil,
        network: String = "",
        confined: Bool = false
    ) throws -> AllocationRequest.Demand {
        let gateways = try gateway.map { [try IPAddress($0)] } ?? []
        let specification = RangeSpecification(range: range, exclude: exclude)
        let pool = try specification.pool(excludingGateways: gateways, boundsSyntax: .strict)
        let domain = AllocationDomain(networkName: network, range: confined ? pool.range : nil)
        return AllocationRequest.Demand(domain: domain, pool: pool)
    }

    static func request(
        _ container: String,
        interface: String = "eth0",
        pod: String? = nil,
        node: String = "node-a",
        _ demands: [AllocationRequest.Demand],
        policy: AllocationPolicy = AllocationPolicy()
    ) -> AllocationRequest {
        AllocationRequest(
            owner: AllocationOwner(
                attachment: Attachment(containerID: container, interfaceName: interface),
                pod: pod.map { PodReference(namespace: "default", name: $0) },
                node: node,
                network: "lab"
            ),
            podUID: nil,
            demands: demands,
            policy: policy
        )
    }

    /// Allocates and returns the addresses with their prefix lengths.
    func add(
        _ container: String,
        interface: String = "eth0",
        pod: String? = nil,
        node: String = "node-a",
        _ demands: AllocationRequest.Demand...,
        policy: AllocationPolicy = AllocationPolicy()
    ) throws -> [String] {
        let request = Self.request(container, interface: interface, pod: pod, node: node, demands, policy: policy)
        return try datastore.allocate(request, deadline: Self.deadline()).map(\.address.description)
    }

    @discardableResult
    func delete(_ container: String, interface: String = "eth0", retention: Int64 = 0) throws -> Int {
        try EtcdDatastore(client, retention: retention).release(
            Attachment(containerID: container, interfaceName: interface),
            deadline: Self.deadline()
        )
    }

    /// Runs `count` calls at once, each with a client of its own, and returns what they return.
    func atOnce<Value: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (Int, EtcdDatastore) throws -> Value
    ) throws -> [Value] {
        let endpoint = etcd.endpoint
        return try (0..<count).map { number in
            BackgroundCall { try body(number, EtcdDatastore(EtcdClient(connectionString: endpoint))) }
        }.map { try $0.value() }
    }

    /// All keys below a part of the key space, without the common prefix.
    func keys(_ part: String = "") throws -> [String] {
        let request = RangeRequest(.prefix(Key(KeySpace.prefix + part)), projection: .keysOnly)
        return try client.range(request, deadline: Self.deadline()).keyValues
            .map { String($0.key.description.dropFirst(KeySpace.prefix.count)) }
    }

    /// Fails the test where records and index keys disagree.
    func expectConsistency(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let audit = try datastore.audit(deadline: Self.deadline())
        #expect(audit.inconsistencies.isEmpty, sourceLocation: sourceLocation)
    }
}
