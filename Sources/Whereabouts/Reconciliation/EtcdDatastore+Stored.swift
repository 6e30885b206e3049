package import EtcdClient
internal import IPAM
internal import IPTypes

/// All allocations of the store, for what looks after them from outside of any call of the plugin.
extension EtcdDatastore {
    /// The keys that one transaction reads.
    private static let readsAtOnce = 100

    /// Reads all allocations of a scope, page by page in the order of their keys; each page is current when it is read, and none is held for the next one.
    ///
    /// The pages are not of one revision, which could be compacted away meanwhile. The function is given each, and returns whether it wants more.
    ///
    /// - Throws: `.etcd`.
    package func scan(
        _ scope: AllocationScope,
        deadline: Deadline,
        _ body: (AllocationPage) -> Bool
    ) throws(DatastoreError) {
        var rest: KeyRange? = .prefix(Key(KeySpace.addressPrefix))
        while let range = rest {
            let response = try read([RangeRequest(range, limit: Self.listingPageSize)], deadline: deadline).ranges[0]
            var page = AllocationPage()
            for keyValue in response.keyValues {
                do throws(DatastoreError) {
                    let allocation = try Self.allocation(keyValue)
                    if scope.contains(allocation) { page.allocations.append(allocation) }
                } catch {
                    page.errors.append(error)
                }
            }
            guard body(page) else { return }
            rest = Self.rest(of: range, behind: response)
        }
    }

    /// Reads the allocations of places as they are now; what has none is left out, and so is what can't be understood.
    ///
    /// - Throws: `.etcd`.
    package func allocations(
        at places: [AllocationPlace],
        deadline: Deadline
    ) throws(DatastoreError) -> [StoredAllocation] {
        var found: [StoredAllocation] = []
        for start in stride(from: 0, to: places.count, by: Self.readsAtOnce) {
            let some = places[start..<min(start + Self.readsAtOnce, places.count)]
            let reads = some.map { RangeRequest(.single(KeySpace.address($0.domain, $0.address))) }
            for range in try read(reads, deadline: deadline).ranges {
                if let keyValue = range.keyValues.first, let allocation = try? Self.allocation(keyValue) {
                    found.append(allocation)
                }
            }
        }
        return found
    }

    /// Releases allocations, each unless it was changed since it was read, and as long as a condition holds.
    ///
    /// - Parameters:
    ///   - allocations: The allocations as they were read.
    ///   - guards: What must hold besides; when it does not, nothing is released.
    ///   - deadline: When to end in any case.
    /// - Returns: What came of each, in their order; of fewer where the store did not answer any more.
    package func release(
        _ allocations: [StoredAllocation],
        if guards: [Compare],
        deadline: Deadline
    ) -> [GuardedRelease] {
        var outcomes: [GuardedRelease] = []
        var marksFree = true
        func release(_ batch: [OwnedAddress]) -> GuardedRelease {
            do throws(DatastoreError) {
                return try releaseUnchanged(batch, &marksFree, if: guards, deadline: deadline) ? .released : .changed
            } catch {
                return .failed(error)
            }
        }
        func isStopped(_ outcome: GuardedRelease) -> Bool {
            if case .failed(let error) = outcome { error.isUnavailability } else { false }
        }
        // What waits for its pod only has other keys than what a container has.
        for start in stride(from: 0, to: allocations.count, by: Self.batchSize) {
            let batch = allocations[start..<min(start + Self.batchSize, allocations.count)].map(OwnedAddress.init)
            let whole = release(batch)
            guard whole == .changed, batch.count > 1 else {
                outcomes += Array(repeating: whole, count: batch.count)
                if isStopped(whole) { return outcomes }
                continue
            }
            // One of them was changed; the others are not to suffer for it.
            for owned in batch {
                outcomes.append(release([owned]))
                if outcomes.last.map(isStopped) ?? false { return outcomes }
            }
        }
        return outcomes
    }

    /// Frees an address that waits for its pod no longer.
    ///
    /// - Returns: Whether it waits no longer; another call may have freed it, or given it out, meanwhile.
    /// - Throws: `.undecodable`, `.etcd`.
    package func releaseExpired(_ place: AllocationPlace, deadline: Deadline) throws(DatastoreError) -> Bool {
        try releaseIfExpired(place.domain, place.address, deadline: deadline)
    }

    /// What is left of a range behind a page of it; nil when the page was the last one.
    static func rest(of range: KeyRange, behind page: RangeResponse) -> KeyRange? {
        guard page.hasMore, let last = page.keyValues.last else { return nil }
        // The key that comes first after a key is the same with a zero byte at its end.
        return .range(Key(last.key.bytes + [0]), upTo: Key(range.end))
    }

    private static func allocation(_ keyValue: KeyValue) throws(DatastoreError) -> StoredAllocation {
        guard let (domain, address) = KeySpace.parse(keyValue.key, after: KeySpace.addressPrefix) else {
            throw .undecodable(key: keyValue.key.description, reason: "the key names no domain and address")
        }
        let record = try RecordCoding.record(keyValue)
        return StoredAllocation(
            place: AllocationPlace(domain: domain, address: address),
            owner: record.owner,
            podUID: record.podUID,
            created: record.created,
            retainedUntil: record.retainedUntil,
            version: String(keyValue.modRevision)
        )
    }
}

extension OwnedAddress {
    /// What an allocation is for a release.
    fileprivate init(_ allocation: StoredAllocation) {
        let (domain, address) = (allocation.place.domain, allocation.place.address)
        self.init(
            domain: domain,
            address: address,
            owner: allocation.owner,
            retainedUntil: nil,
            indexKey: Key(
                KeySpace.attachmentPrefix(allocation.owner.attachment) + KeySpace.suffix(domain, address)
            ),
            revision: Int64(allocation.version) ?? -1
        )
    }
}
