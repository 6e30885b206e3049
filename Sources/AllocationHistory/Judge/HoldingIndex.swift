/// The tenures that a history proves, by owner and by address.
struct HoldingIndex {
    /// For each owner and shape of ADDs its tenures.
    private(set) var groups: [OwnerTenures] = []
    /// For each address, by its number, the tenures of it.
    private(set) var byAddress: [[Tenure]]

    /// Reasons about every owner of an index.
    init(_ index: CallIndex) {
        byAddress = Array(repeating: [], count: index.addresses.values.count)
        for (owner, adds) in index.adds.enumerated() {
            let releases = index.releases(for: adds)
            for shape in Set(adds.filter(\.isAcknowledged).map(\.shape)).sorted() {
                append(OwnerTenures(owner: owner, shape: shape, all: adds, releases: releases))
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
}
