internal import EtcdClient
internal import IPAM
internal import IPTypes

@testable internal import Whereabouts

/// A demand for an address of a range.
func demand(
    _ range: String,
    start: String? = nil,
    end: String? = nil,
    exclude: [String] = [],
    network: String = "",
    isConfined: Bool = false,
    fallbacks: [AllocationRequest.Demand] = [],
    requested: String? = nil,
    sliceLength: Int? = nil
) throws -> AllocationRequest.Demand {
    let prefix = try IPPrefix(range)
    let exclusions = IPRangeSet(try exclude.map { try IPPrefix($0).range })
    return AllocationRequest.Demand(
        domain: AllocationDomain(networkName: network, range: isConfined ? prefix : nil),
        pool: AddressPool(
            range: prefix,
            start: try start.map { try IPAddress($0) },
            end: try end.map { try IPAddress($0) },
            excluding: exclusions
        ),
        fallbacks: fallbacks,
        requested: try requested.map { try IPAddress($0) },
        sliceLength: sliceLength
    )
}

/// When a test gives a call up.
func limit(_ seconds: Int = 60) -> Deadline {
    .after(.seconds(seconds))
}

/// The interface of a container.
func attachment(_ container: String, _ interface: String = "eth0") -> Attachment {
    Attachment(containerID: container, interfaceName: interface)
}

extension Store {
    /// An ADD: the addresses as texts.
    func add(
        _ container: String,
        pod: String? = nil,
        interface: String = "eth0",
        node: String = "node-a",
        network: String = "lab",
        strategy: AllocationPolicy.Strategy = .lowest,
        _ demands: AllocationRequest.Demand...
    ) throws -> [String] {
        let request = AllocationRequest(
            owner: AllocationOwner(
                attachment: attachment(container, interface),
                pod: PodReference(namespace: "default", name: pod ?? "pod-of-\(container)"),
                node: node,
                network: network
            ),
            podUID: nil,
            demands: demands,
            policy: AllocationPolicy(strategy: strategy)
        )
        return try datastore(demands, node: node).allocate(request, begin: nil, deadline: limit()).map(
            \.address.address.description
        )
    }

    /// A DEL: the number of addresses released.
    func release(
        _ container: String,
        interface: String = "eth0",
        node: String = "node-a",
        _ demands: AllocationRequest.Demand...
    ) throws -> Int {
        try datastore(demands, node: node).release(attachment(container, interface), deadline: limit())
    }
}
