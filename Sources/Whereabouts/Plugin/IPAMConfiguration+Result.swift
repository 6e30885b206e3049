internal import CNI
internal import IPAM
internal import IPTypes

extension IPAMConfiguration {
    /// The result of an ADD: the pools' addresses in the order of the ranges, each with the gateway of its range, then the
    /// static addresses with their own.
    func result(_ allocations: [Allocation]) -> CNIResult {
        let allocated = allocations.map { allocation in
            CNIResult.IPConfiguration(
                address: allocation.address,
                gateway: pool(of: allocation.address.address)?.gateway
            )
        }
        let fixed = staticAddresses.map { CNIResult.IPConfiguration(address: $0.address, gateway: $0.gateway) }
        return CNIResult(ips: allocated + fixed, routes: routes, dns: dns)
    }

    /// The pool that gives an address out; no two do.
    private func pool(of address: IPAddress) -> AddressPool? {
        demands.lazy.flatMap(\.choices).map(\.pool).first { $0.allocatable.contains(address) }
    }

    /// The addresses of a result for each of the demands, with the domains that they are of.
    ///
    /// An address is that of the pool which can give it out; or else, since the exclusions may have changed, of the first that has it
    /// within its bounds. One that lies in none is somebody else's.
    func assignments(of addresses: [IPAddress]) -> [[(domain: AllocationDomain, address: IPAddress)]] {
        var assigned: [[(domain: AllocationDomain, address: IPAddress)]] = demands.map { _ in [] }
        let choices = demands.enumerated().flatMap { index, demand in demand.choices.map { (index, $0) } }
        for address in addresses {
            let giving = choices.first { $0.1.pool.allocatable.contains(address) }
            guard let (index, choice) = giving ?? choices.first(where: { $0.1.pool.bounds.contains(address) }) else {
                continue
            }
            assigned[index].append((choice.domain, address))
        }
        return assigned
    }
}
