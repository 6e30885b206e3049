internal import CNI
internal import IPAM
internal import IPTypes

extension IPAMConfiguration {
    /// The result of an ADD: the pools' addresses in the order of the ranges, each with the gateway of its family, then the
    /// static addresses with their own.
    func result(_ allocations: [Allocation]) -> CNIResult {
        let allocated = allocations.map { allocation in
            CNIResult.IPConfiguration(
                address: allocation.address,
                gateway: gateway?.family == allocation.address.address.family ? gateway : nil
            )
        }
        let fixed = staticAddresses.map { CNIResult.IPConfiguration(address: $0.address, gateway: $0.gateway) }
        return CNIResult(ips: allocated + fixed, routes: routes, dns: dns)
    }
}
