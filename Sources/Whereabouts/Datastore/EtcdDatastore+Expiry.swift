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
        var rest = expired
        while !rest.isEmpty {
            // One transaction writes no key twice, and an address whose record something else has deleted may have two keys.
            var places: Set<Key> = []
            let batch = Array(rest.filter { places.insert($0.addressKey).inserted }.prefix(Self.releasesAtOnce))
            let keys = Set(batch.map(\.key))
            rest.removeAll { keys.contains($0.key) }
            let releases = batch.map { retained in
                TxnOperation.txn(
                    Txn(
                        if: [.isUnchanged(retained.addressKey, since: retained.revision)],
                        then: Self.removal(retained.domain, retained.address, retained.indexKeys),
                        else: [.range(RangeRequest(.single(retained.key), projection: .keysOnly))]
                    )
                )
            }
            do throws(DatastoreError) {
                let results = try commit(Txn(then: releases), deadline: deadline).results
                for (retained, result) in zip(batch, results) {
                    // Most often another call has done the same, and the key is gone.
                    guard case .txn(let release) = result, !release.succeeded,
                        case .range(let left)? = release.results.first,
                        left.keyValues.first?.modRevision == retained.revision
                    else { continue }
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
    ///
    /// The key goes in any case, or every call would meet it again. A record that can't be decoded stays, and only its own address with it.
    func settle(_ retained: RetainedAddress, deadline: Deadline) throws(DatastoreError) {
        let addressKey = retained.addressKey
        let found = try read([RangeRequest(.single(addressKey))], deadline: deadline).ranges[0].keyValues.first
        var conditions = [Compare.isUnchanged(retained.key, since: retained.revision)]
        var operations = [TxnOperation.deleteRange(DeleteRangeRequest(.single(retained.key)))]
        if let found, let until = Self.waitingTime(found) {
            guard until > Timestamp.secondsNow else {
                _ = try releaseIfExpired(retained.domain, retained.address, deadline: deadline)
                return
            }
            // It waits, and will be found by the key of its own time.
            let key = KeySpace.retained(retained.domain, until: until, retained.address)
            guard key != retained.key else { return }
            let entry = IndexEntry(retained.owner, retainedUntil: until)
            conditions.append(.isUnchanged(addressKey, since: found.modRevision))
            operations.append(.put(PutRequest(key, RecordCoding.encode(entry))))
        }
        _ = try commit(Txn(if: conditions, then: operations), deadline: deadline)
    }

    /// Until when a record waits for its pod, in seconds since 1970; nil for one that does not, or says nothing that can be read.
    private static func waitingTime(_ keyValue: KeyValue) -> Int64? {
        (try? RecordCoding.record(keyValue))?.retainedUntil.flatMap(Timestamp.secondsSince1970)
    }

    /// The operations that delete an address's keys and mark it as free.
    private static func removal(_ domain: String, _ address: IPAddress, _ keys: [Key]) -> [TxnOperation] {
        (keys + [KeySpace.address(domain, address)]).map { .deleteRange(DeleteRangeRequest(.single($0))) }
            + [.put(PutRequest(KeySpace.free(domain, address), Timestamp.now))]
    }
}
