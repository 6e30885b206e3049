internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import Whereabouts

/// Takes addresses by the calls that the plugin makes for an ADD, without its process.
struct PoolFiller: Sendable {
    let endpoint: String
    var networkName = ""

    /// Takes the first free addresses of each of some ranges.
    func fill(_ ranges: [String], count: Int) throws {
        let datastore = EtcdDatastore(try EtcdClient(connectionString: endpoint))
        let domain = AllocationDomain(networkName: networkName)
        for range in ranges {
            let pool = try RangeSpecification(range: range).pool(excludingGateways: [], boundsSyntax: .strict)
            for index in 0..<count {
                let name = "fill-\(index)-\(pool.bounds.first)"
                let owner = AllocationOwner(
                    attachment: Attachment(containerID: name, interfaceName: "eth0"),
                    pod: PodReference(namespace: "benchmark", name: name),
                    node: "node-\(index % 500)",
                    network: "benchmark"
                )
                let demand = AllocationRequest.Demand(domain: domain, pool: pool)
                let request = AllocationRequest(owner: owner, podUID: nil, demands: [demand])
                _ = try datastore.allocate(request, deadline: .after(.seconds(30)))
            }
        }
    }
}
