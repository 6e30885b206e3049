internal import EtcdClient
internal import Whereabouts

/// Since when allocations of a node have been stranded, as far as this process has seen.
struct NodeCandidates {
    private struct Candidate {
        let version: String
        let since: Deadline
    }

    private var candidates: [AllocationPlace: Candidate] = [:]

    /// For how many seconds the one that has been stranded for longest has been; 0 for none.
    var oldestAge: Int64 {
        candidates.values.map(Self.age).max() ?? 0
    }

    /// The number of those that are stranded.
    var count: Int { candidates.count }

    /// Notes that an allocation is stranded, and returns for how many seconds it has been as it is now.
    mutating func note(_ allocation: StoredAllocation) -> Int64 {
        if let known = candidates[allocation.place], known.version == allocation.version { return Self.age(known) }
        candidates[allocation.place] = Candidate(version: allocation.version, since: .now)
        return 0
    }

    /// Forgets a place.
    mutating func forget(_ place: AllocationPlace) {
        candidates[place] = nil
    }

    /// Forgets all other places.
    mutating func retain(_ places: some Sequence<AllocationPlace>) {
        let kept = Set(places)
        candidates = candidates.filter { kept.contains($0.key) }
    }

    private static func age(_ candidate: Candidate) -> Int64 {
        Deadline.now.duration(since: candidate.since).components.seconds
    }
}
