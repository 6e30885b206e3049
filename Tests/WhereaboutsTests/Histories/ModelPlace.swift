import IPAM
import IPTypes

@testable import Whereabouts

/// An address of a domain, in the order in which the store lists what an owner has.
struct ModelPlace: Hashable, Comparable, CustomStringConvertible {
    let domain: AllocationDomain
    let address: IPAddress

    static func < (left: ModelPlace, right: ModelPlace) -> Bool {
        (left.domain.keyPart, left.address) < (right.domain.keyPart, right.address)
    }

    var description: String {
        "\(address) in \(domain.keyPart)"
    }
}
