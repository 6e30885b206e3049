package import EtcdClient
internal import IPAM

/// What a reconciler has noted of allocations that look stranded.
extension EtcdDatastore {
    /// The keys that one transaction writes.
    private static let writesAtOnce = 100

    /// Reads all notes; one that can't be understood counts as none.
    ///
    /// - Throws: `.etcd`.
    package func candidates(deadline: Deadline) throws(DatastoreError) -> [AllocationPlace: StrandedCandidate] {
        var candidates: [AllocationPlace: StrandedCandidate] = [:]
        var rest: KeyRange? = .prefix(Key(KeySpace.candidatePrefix))
        while let range = rest {
            let page = try read([RangeRequest(range, limit: Self.listingPageSize)], deadline: deadline).ranges[0]
            for keyValue in page.keyValues {
                guard let (domain, address) = KeySpace.parse(keyValue.key, after: KeySpace.candidatePrefix) else {
                    continue
                }
                // One of another form is written anew, or removed.
                candidates[AllocationPlace(domain: domain, address: address)] =
                    (try? RecordCoding.candidate(keyValue))
                    ?? StrandedCandidate(since: .max, reason: "", version: "")
            }
            rest = Self.rest(of: range, behind: page)
        }
        return candidates
    }

    /// Writes and removes notes as long as a condition holds.
    ///
    /// - Parameters:
    ///   - notes: The notes; nil for one that is removed.
    ///   - guards: What must hold.
    ///   - deadline: When to end in any case.
    /// - Returns: Whether the condition held.
    /// - Throws: `.etcd`.
    package func note(
        _ notes: [AllocationPlace: StrandedCandidate?],
        if guards: [Compare],
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        let operations = notes.map { place, candidate in
            let key = KeySpace.candidate(place.domain, place.address)
            return candidate.map { TxnOperation.put(PutRequest(key, RecordCoding.encode($0))) }
                ?? .deleteRange(DeleteRangeRequest(.single(key)))
        }
        for start in stride(from: 0, to: operations.count, by: Self.writesAtOnce) {
            let some = operations[start..<min(start + Self.writesAtOnce, operations.count)]
            guard try commit(Txn(if: guards, then: Array(some)), deadline: deadline).succeeded else { return false }
        }
        return true
    }
}
