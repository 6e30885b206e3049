internal import EtcdClient
internal import IPAM
internal import IPTypes

/// How what the store says an owner has covers the demands of a request.
struct Holdings {
    /// For each demand the address that covers it: the attachment's own, or one that passes over from the same pod's
    /// earlier container.
    let covers: [OwnedAddress?]
    private let attachment: Attachment

    init(_ request: AllocationRequest, _ view: StoreView) {
        attachment = request.owner.attachment
        covers = request.demands.map { demand in
            let domain = demand.domain.keyPart
            return (view.own + view.inherited).first { owned in
                owned.domain == domain && demand.pool.allocatable.contains(owned.address)
            }
        }
    }

    /// Whether nothing is left to write.
    var isComplete: Bool {
        covers.allSatisfy { $0?.owner.attachment == attachment }
    }

    /// The demands that need a new address.
    var missing: [Int] {
        covers.indices.filter { covers[$0] == nil }
    }

    /// The addresses that pass over from an earlier container, with the demands that they cover.
    var inherited: [(demand: Int, owned: OwnedAddress)] {
        covers.enumerated().compactMap { index, cover in
            cover.flatMap { $0.owner.attachment == attachment ? nil : (index, $0) }
        }
    }
}
