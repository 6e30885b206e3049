/// The tenures that a history proves, by owner and by address.
struct HoldingIndex {
    /// For each owner and shape of ADDs its tenures.
    private(set) var groups: [OwnerTenures] = []
    /// For each address, by its number, the tenures of it.
    private(set) var byAddress: [[Tenure]]
    /// For each owner and shape the times in which the owner certainly has what such ADDs return, in order and apart.
    private var certain: [[Int]: [(from: Int64, to: Int64)]] = [:]

    /// Reasons about every owner of an index.
    init(_ index: CallIndex) {
        byAddress = Array(repeating: [], count: index.addresses.values.count)
        for (owner, adds) in index.adds.enumerated() {
            let releases = index.releases(for: adds)
            for shape in Set(adds.filter(\.isAcknowledged).map(\.shape)).sorted() {
                let group = OwnerTenures(owner: owner, shape: shape, all: adds, releases: releases)
                append(group)
                certain[[owner, shape]] =
                    group.tenures.filter(\.isCertain).map { ($0.latestStart, $0.earliestEnd) }.merged
            }
        }
    }

    private mutating func append(_ group: OwnerTenures) {
        groups.append(group)
        for (position, tenure) in group.tenures.enumerated() {
            let claim = Tenure(
                call: tenure.call,
                owner: tenure.owner,
                latestStart: tenure.latestStart,
                earliestEnd: group.earliestEndOfClaim[position]
            )
            for address in Set(group.adds[position].addresses) {
                byAddress[address].append(claim)
            }
        }
    }

    /// Returns the parts of a time in which an owner does not certainly have what ADDs of a shape return.
    func doubts(owner: Int, shape: Int, from: Int64, to: Int64) -> [(from: Int64, to: Int64)] {
        var parts: [(from: Int64, to: Int64)] = []
        var start = from
        for time in certain[[owner, shape]] ?? [] where time.to > start {
            guard time.from <= to else { break }
            if time.from > start {
                parts.append((start, time.from - 1))
            }
            start = time.to
        }
        if start <= to, start < .max {
            parts.append((start, to))
        }
        return parts
    }
}
