import IPTypes
import Testing

/// A stretch of addresses small enough to hold a set as one `Bool` for each.
struct Universe: CustomTestStringConvertible {
    let testDescription: String
    let addresses: [IPAddress]

    init(_ name: String, _ parts: [(from: IPAddress, count: UInt128)]) {
        testDescription = name
        addresses = parts.flatMap { part in (0..<part.count).compactMap { part.from.advanced(by: $0) } }
    }

    func set(_ model: [Bool]) -> IPRangeSet {
        IPRangeSet(zip(addresses, model).filter(\.1).map { IPRange($0.0) })
    }

    func model(_ set: IPRangeSet) -> [Bool] {
        addresses.map(set.contains)
    }

    /// What `firstAddress(notBefore:)` must return for each address.
    func firstNotBefore(_ model: [Bool]) -> [IPAddress?] {
        var next: IPAddress?
        let fromLast = zip(addresses, model).reversed().map { address, isMember -> IPAddress? in
            next = isMember ? address : next
            return next?.family == address.family ? next : nil
        }
        return fromLast.reversed()
    }
}
