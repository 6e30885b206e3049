/// Finds the tenures of one address that are in conflict, in one pass over them.
struct AddressSweep {
    /// The pairs found, each the earlier and the later: for every tenure at most one, and for two owners the first only.
    private(set) var conflicts: [(Tenure, Tenure)] = []

    /// Looks through the tenures of an address.
    init(_ tenures: [Tenure]) {
        guard let owner = tenures.first?.owner, tenures.contains(where: { $0.owner != owner }) else { return }
        // Of two tenures in conflict, one is certain. That one has begun when the other must not have ended: for a certain
        // one at its start, for an uncertain one at the start of the time in which it must have been.
        let certain = tenures.filter(\.isCertain).sorted { ($0.latestStart, $0.call) < ($1.latestStart, $1.call) }
        let uncertain = tenures.filter { !$0.isCertain }.sorted {
            ($0.earliestEnd, $0.call) < ($1.earliestEnd, $1.call)
        }
        var seen: Set<[Int]> = []
        var next = 0
        var longest: (first: Tenure, second: Tenure?)?
        func insert(_ tenure: Tenure) {
            guard let current = longest else {
                longest = (tenure, nil)
                return
            }
            if tenure.owner == current.first.owner {
                longest = (tenure.earliestEnd > current.first.earliestEnd ? tenure : current.first, current.second)
            } else if tenure.earliestEnd > current.first.earliestEnd {
                longest = (tenure, current.first)
            } else if tenure.earliestEnd > current.second?.earliestEnd ?? .min {
                longest = (current.first, tenure)
            }
        }
        func check(_ tenure: Tenure) {
            guard let longest else { return }
            let other = longest.first.owner == tenure.owner ? longest.second : longest.first
            guard let other, other.conflicts(with: tenure) else { return }
            let pair = [other.owner, tenure.owner].sorted()
            if seen.insert(pair).inserted {
                conflicts.append((other, tenure))
            }
        }
        for tenure in uncertain {
            while next < certain.count, certain[next].latestStart < tenure.earliestEnd {
                check(certain[next])
                insert(certain[next])
                next += 1
            }
            check(tenure)
        }
        for tenure in certain[next...] {
            check(tenure)
            insert(tenure)
        }
    }
}
