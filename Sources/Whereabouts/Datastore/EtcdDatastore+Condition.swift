public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// How many records of a range are looked at one by one; with their index keys they make one read.
    private static let sampleSize = 64
    /// How many addresses that have waited for their pods are looked at for one that is the range's.
    private static let expiredLimit = 1000

    /// Tells whether a range, or one of those that serve in its place, has a free address, and whether what the store holds of it makes sense.
    ///
    /// The count of the records is exact. Of the records themselves the lowest are looked at: all of a small range, and of a
    /// large one as many as cost no more than an ADD. Whatever lies beyond is found by the call that meets it.
    ///
    /// - Throws: `.etcd`.
    public func condition(
        of demand: AllocationRequest.Demand,
        deadline: Deadline
    ) throws(DatastoreError) -> RangeCondition {
        var condition = RangeCondition.serving
        for choice in demand.choices {
            do throws(DatastoreError) {
                try checkSample(choice, deadline: deadline)
                guard try !serves(choice, deadline: deadline) else { return .serving }
                condition = .exhausted(choice.pool, choice.domain)
            } catch .undecodable(let key, let reason) {
                return .untrusted(choice.pool, choice.domain, .undecodable(key: key, reason: reason))
            }
        }
        return condition
    }

    /// Whether a range has an address that nobody has, or one that has waited for its pod for long enough.
    private func serves(_ choice: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) -> Bool {
        guard choice.sliceLength == nil else {
            for part in try parts(of: choice, deadline: deadline) where try serves(part, deadline: deadline) {
                return true
            }
            return try hasVacancy(choice, deadline: deadline)
        }
        if retention > 0 {
            // Each ADD reads them, and fails where it can't.
            _ = try expired(choice.domain, deadline: deadline)
        }
        do throws(DatastoreError) {
            _ = try search(PoolView(pool: choice.pool), choice.domain, limit: 1, deadline: deadline)
            return true
        } catch .rangeFull {
            return try expired(choice.domain, limit: Self.expiredLimit, deadline: deadline)
                .contains { choice.pool.allocatable.contains($0.address) }
        }
    }

    /// Checks the lowest records of a range: each must be one, and have the index keys that a release looks for.
    private func checkSample(_ demand: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) {
        let records = KeySpace.addresses(demand.domain.keyPart, demand.pool.bounds)
        let listing = RangeRequest(records, limit: Int64(Self.sampleSize))
        let (ranges, revision) = try read([listing], deadline: deadline)
        let indexed = try ranges[0].keyValues.map { keyValue throws(DatastoreError) in
            let address = try KeySpace.address(ofKey: keyValue)
            let record = try RecordCoding.record(keyValue)
            let owner = record.owner
            // What waits for a pod is no container's.
            let prefix =
                record.retainedUntil.flatMap { _ in owner.pod }
                .map { KeySpace.podPrefix($0, interfaceName: owner.interfaceName) }
                ?? KeySpace.attachmentPrefix(owner.attachment)
            return (record: keyValue, index: Key(prefix + KeySpace.suffix(demand.domain.keyPart, address)))
        }
        guard !indexed.isEmpty else { return }
        var requests = indexed.map { RangeRequest(.single($0.index), projection: .keysOnly) }
        for index in requests.indices {
            // As old as the records: what was released meanwhile disagrees with nothing.
            requests[index].revision = revision
        }
        let found: [RangeResponse]
        do throws(DatastoreError) {
            found = try read(requests, deadline: deadline).ranges
        } catch .etcd(let error) where error.code == .server(.compacted) {
            return
        }
        for (entry, answer) in zip(indexed, found)
        where answer.keyValues.first?.modRevision != entry.record.modRevision {
            let fault = answer.keyValues.isEmpty ? "is missing" : "was written at another time"
            throw .undecodable(
                key: entry.record.key.description,
                reason:
                    "its index key \(entry.index) \(fault), so that the call that looks for it would not find the address"
            )
        }
    }
}
