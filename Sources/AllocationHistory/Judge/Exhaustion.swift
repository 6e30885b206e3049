internal import IPTypes

/// Tells which ADDs found a range full that cannot have been.
///
/// An address may be taken from the start of the ADD that returned it until the end of the acknowledged release, for ever
/// if there is none, or if the range retains addresses. An ADD of unknown outcome may have taken one address of each of its
/// ranges that nobody knows, until the acknowledged release of its container, but not while its owner certainly has what
/// other ADDs returned: an owner has one address of a range. Whatever lies in two overlapping ranges counts in both.
struct Exhaustion {
    /// What was found, in order of time.
    let violations: [Violation]

    /// Looks at the ADDs that found no free address.
    init(_ history: History, _ index: CallIndex, _ holdings: HoldingIndex, releaseDelay: Int64) {
        let failed = history.calls.filter { $0.verb == .add && $0.outcome.isExhaustion }
        guard !failed.isEmpty else {
            violations = []
            return
        }
        let occupation = Self.occupation(
            history,
            index,
            holdings,
            ranges: Set(failed.flatMap(\.ranges)),
            releaseDelay: releaseDelay
        )
        violations = failed.sorted { ($0.start, $0.number) < ($1.start, $1.number) }.compactMap { call in
            let ranges = call.ranges.filter { history.ranges.indices.contains($0) }
            let isPossible = ranges.contains { range in
                occupation[range]?.isFull(from: call.start, to: call.end) ?? false
            }
            guard !isPossible, let range = ranges.first else { return nil }
            return .falseExhaustion(
                call: call.number,
                range: history.ranges[range],
                mostTaken: occupation[range]?.most(from: call.start, to: call.end) ?? 0,
                from: call.start,
                to: call.end
            )
        }
    }

    /// How many addresses of some ranges may have been taken, over time.
    private static func occupation(
        _ history: History,
        _ index: CallIndex,
        _ holdings: HoldingIndex,
        ranges: Set<Int>,
        releaseDelay: Int64
    ) -> [Int: Occupation] {
        let bounds = history.ranges.map { IPRange($0) }
        let values = index.addresses.values.map { try? IPAddress($0.address) }
        // Ranges of which an address may count in others.
        var overlaps: [Int: [Int]] = [:]
        for (position, range) in bounds.enumerated() {
            overlaps[position] = ranges.filter { other in
                guard let range, let otherBounds = bounds[other] else { return false }
                return history.ranges[other].domain == history.ranges[position].domain && range.overlaps(otherBounds)
            }
        }
        var occupations = Dictionary(
            uniqueKeysWithValues: ranges.map {
                ($0, Occupation(fullAt: history.ranges.indices.contains($0) ? history.ranges[$0].allocatableCount : 0))
            }
        )
        for (owner, adds) in index.adds.enumerated() {
            let releases = index.releases(for: adds)
            let ends = Ends(adds: adds, releases: releases)
            for (position, add) in adds.enumerated() {
                let asked = index.shapes.values[add.shape].ranges.filter { bounds.indices.contains($0) }
                let retains = asked.contains { history.ranges[$0].retainSeconds > 0 }
                for range in Set(asked.flatMap { overlaps[$0] ?? [] }) {
                    guard let bounds = bounds[range] else { continue }
                    let end = ends.end(of: position, isRetained: retains, delay: releaseDelay)
                    if add.isAcknowledged {
                        for address in add.addresses
                        where values[address].map({ bounds.contains($0) }) ?? false
                            && index.addresses.values[address].domain == history.ranges[range].domain
                        {
                            occupations[range]?.add(address: address, from: add.start, to: end)
                        }
                    } else {
                        let count = asked.count { overlaps[$0]?.contains(range) ?? false }
                        for (from, to) in holdings.doubts(owner: owner, shape: add.shape, from: add.start, to: end) {
                            occupations[range]?.add(unknown: count, from: from, to: to)
                        }
                    }
                }
            }
        }
        for range in ranges {
            occupations[range]?.settle()
        }
        return occupations
    }
}
