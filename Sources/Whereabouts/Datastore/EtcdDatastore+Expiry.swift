internal import EtcdClient
internal import IPAM
internal import IPTypes

/// The end of retention: addresses that have waited for their pods for long enough.
extension EtcdDatastore {
    /// The most nested transactions of one that frees what has waited long enough.
    private static let releasesAtOnce = 64

    /// Frees the addresses of a domain that have waited for their pods for long enough, the first few; returns whether there were any,
    /// which another call may have freed meanwhile.
    func releaseExpired(_ domain: AllocationDomain, deadline: Deadline) throws(DatastoreError) -> Bool {
        try release(expired(domain, deadline: deadline), deadline: deadline)
    }

    /// Addresses of a domain that have waited for their pods for long enough, as many as the limit or all.
    func expired(
        _ domain: AllocationDomain,
        limit: Int = StoreViewReader.expiredLimit,
        deadline: Deadline
    ) throws(DatastoreError) -> [RetainedAddress] {
        let request = StoreViewReader.expired(domain.keyPart, by: Timestamp.secondsNow, limit: limit, .linearizable)
        return try RetainedAddress.list(read([request], deadline: deadline).ranges[0].keyValues, of: domain.keyPart)
    }

    /// Frees addresses that wait for nobody any more, each unless it has got an owner since; returns whether there were any.
    ///
    /// What is in doubt shows in the next view.
    func release(_ expired: [RetainedAddress], deadline: Deadline) throws(DatastoreError) -> Bool {
        var rest = expired[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.releasesAtOnce))
            rest = rest.dropFirst(batch.count)
            let releases = batch.map { retained in
                TxnOperation.txn(
                    Txn(
                        if: [.isUnchanged(retained.addressKey, since: retained.revision)],
                        then: Self.removal(retained.domain, retained.address, retained.indexKeys)
                    )
                )
            }
            do throws(DatastoreError) {
                let results = try commit(Txn(then: releases), deadline: deadline).results
                for (retained, result) in zip(batch, results) {
                    guard case .txn(let release) = result, !release.succeeded else { continue }
                    try settle(retained, deadline: deadline)
                }
            } catch  where error.leavesOutcomeUnknown && !error.isNoSpace && !deadline.hasPassed {}
        }
        return !expired.isEmpty
    }

    /// Frees an address whose record says that it waits for its pod no longer; false where it says something else.
    ///
    /// True also for an address without a record, and where another call has changed it meanwhile.
    func releaseIfExpired(
        _ domain: String,
        _ address: IPAddress,
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        let key = KeySpace.address(domain, address)
        guard let found = try read([RangeRequest(.single(key))], deadline: deadline).ranges[0].keyValues.first else {
            return true
        }
        let record = try RecordCoding.record(found)
        guard let until = record.retainedUntil, until <= Timestamp.now else { return false }
        var keys = KeySpace.indexKeys(record.owner, domain, address)
        if let seconds = Timestamp.secondsSince1970(until) {
            keys.append(KeySpace.retained(domain, until: seconds, address))
        }
        let release = Txn(
            if: [.isUnchanged(key, since: found.modRevision)],
            then: Self.removal(domain, address, keys)
        )
        // Nested, because an etcd without space takes it so.
        _ = try commit(Txn(then: [.txn(release)]), deadline: deadline)
        return true
    }

    /// Sees to a key of retention whose record is not of its revision: something has changed the record since, and the record decides.
    private func settle(_ retained: RetainedAddress, deadline: Deadline) throws(DatastoreError) {
        let addressKey = retained.addressKey
        let found = try read([RangeRequest(.single(addressKey))], deadline: deadline).ranges[0].keyValues.first
        var conditions = [Compare.isUnchanged(retained.key, since: retained.revision)]
        var operations = [TxnOperation.deleteRange(DeleteRangeRequest(.single(retained.key)))]
        if let found, let until = try RecordCoding.record(found).retainedUntil {
            guard until > Timestamp.now else {
                _ = try releaseIfExpired(retained.domain, retained.address, deadline: deadline)
                return
            }
            // It waits, and will be found by the key of its own time.
            guard let seconds = Timestamp.secondsSince1970(until) else { return }
            let key = KeySpace.retained(retained.domain, until: seconds, retained.address)
            let entry = IndexEntry(retained.owner, retainedUntil: seconds)
            conditions.append(.isUnchanged(addressKey, since: found.modRevision))
            operations.append(.put(PutRequest(key, RecordCoding.encode(entry))))
        }
        _ = try commit(Txn(if: conditions, then: operations), deadline: deadline)
    }

    /// The operations that delete an address's keys and mark it as free.
    private static func removal(_ domain: String, _ address: IPAddress, _ keys: [Key]) -> [TxnOperation] {
        (keys + [KeySpace.address(domain, address)]).map { .deleteRange(DeleteRangeRequest(.single($0))) }
            + [.put(PutRequest(KeySpace.free(domain, address), Timestamp.now))]
    }
}
