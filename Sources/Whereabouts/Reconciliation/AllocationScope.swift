internal import IPAM

/// Which allocations a reconciliation is about.
package struct AllocationScope: Hashable, Sendable {
    /// The node that they are on; nil for any.
    package let node: String?
    /// The name of their network configuration, or its `network_name`; nil for any.
    package let network: String?

    /// Makes a scope.
    package init(node: String? = nil, network: String? = nil) {
        self.node = node
        self.network = network
    }

    /// Whether it leaves nothing out.
    package var isAll: Bool {
        node == nil && network == nil
    }

    /// Whether an allocation is in it; one that does not say where it is only if nothing is left out.
    package func contains(_ allocation: StoredAllocation) -> Bool {
        let owner = allocation.owner
        let isOnNode = node.map { $0 == owner.node } ?? true
        let isOfNetwork = network.map {
            $0 == owner.network || isNetwork($0, ofDomain: allocation.place.domain)
        }
        return isOnNode && isOfNetwork ?? true
    }

    /// Whether a domain is a network's, or that of one of its ranges.
    private func isNetwork(_ name: String, ofDomain domain: String) -> Bool {
        guard !name.isEmpty else { return false }
        let part = AllocationDomain(networkName: name).keyPart
        return domain == part || domain.hasPrefix(part + "@")
    }
}
