internal import EtcdClient
internal import IPAM
internal import IPTypes

/// How what the store says an owner has covers the demands of a request.
struct Holdings {
    /// For each demand the address that covers it: the attachment's own, or one that passes over from the same pod's
    /// earlier container or waits for the pod.
    let covers: [OwnedAddress?]
    private let attachment: Attachment
    private let demands: [AllocationRequest.Demand]

    init(_ request: AllocationRequest, _ view: StoreView) {
        attachment = request.owner.attachment
        demands = request.demands
        // What waits for the pod comes behind what a container of it has.
        let waiting = view.inherited.filter { $0.retainedUntil != nil }
        let held = view.own + view.inherited.filter { $0.retainedUntil == nil } + waiting
        covers = request.demands.map { demand in
            held.first { demand.choice(of: $0) != nil }
        }
    }

    /// Whether nothing is left to write.
    var isComplete: Bool {
        covers.allSatisfy { $0?.isHeld(by: attachment) ?? false }
    }

    /// The demands that need a new address.
    var missing: [Int] {
        covers.indices.filter { covers[$0] == nil }
    }

    /// The addresses that pass over, with the pools that they are of.
    var inherited: [(pool: AddressPool, owned: OwnedAddress)] {
        covers.indices.compactMap { index in
            guard let owned = covers[index], !owned.isHeld(by: attachment),
                let choice = demands[index].choice(of: owned)
            else { return nil }
            return (choice.pool, owned)
        }
    }
}

extension AllocationRequest.Demand {
    /// The one of the choices that an address meets; nil when it does not meet the demand.
    fileprivate func choice(of owned: OwnedAddress) -> AllocationRequest.Demand? {
        guard requested.map({ $0 == owned.address }) ?? true else { return nil }
        return choices.first { $0.domain.keyPart == owned.domain && $0.pool.allocatable.contains(owned.address) }
    }
}
