public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// The most allocations that one transaction releases.
    ///
    /// An ADD makes no more; only an attachment whose configuration changed while it lived can have more.
    static let batchSize = demandLimit
    /// The most records of one read.
    private static let recordsAtOnce = 100

    /// Releases everything that an attachment has, in one transaction guarded by the revision that was read.
    ///
    /// What has passed to a later container of the same pod is not touched. With a retention the addresses of a pod wait for it, and
    /// are free when that is over.
    ///
    /// - Returns: The number of addresses released; 0 when there was nothing, which is success.
    /// - Throws: `.undecodable`, `.contention`, `.etcd`.
    @discardableResult
    public func release(_ attachment: Attachment, deadline: Deadline) throws(DatastoreError) -> Int {
        try release(attachment, createdUntil: nil, deadline: deadline).released
    }

    /// Releases what an attachment has had since a moment or before; later records are kept, and counted.
    ///
    /// - Parameters:
    ///   - attachment: Whose addresses they are.
    ///   - moment: The moment; nil for the present one.
    ///   - deadline: When to end in any case.
    /// - Returns: The number of addresses released, and of those kept.
    /// - Throws: As the other one.
    func release(
        _ attachment: Attachment,
        createdUntil moment: NodeMoment?,
        deadline: Deadline
    ) throws(DatastoreError) -> (released: Int, kept: Int) {
        let prefix = KeySpace.attachmentPrefix(attachment)
        let listing = RangeRequest(.prefix(Key(prefix)))
        let begin = NodeMoment.now
        var released = 0
        var tries = 0
        var marksFree = true
        while true {
            var all = try OwnedAddress.list(read([listing], deadline: deadline).ranges[0].keyValues, after: prefix)
            if tries == 0, all.isEmpty {
                // An ADD that was given up may still be under way; without a fence only GC would find what comes of it. What came of it
                // before the fence stood is in what is read with it.
                let fenced = try fenceOfDelete(
                    attachment,
                    deletedAt: (moment ?? begin).uptime,
                    reading: listing,
                    deadline: deadline
                )
                all = try OwnedAddress.list(fenced?.keyValues ?? [], after: prefix)
            }
            let due =
                try moment.map { moment throws(DatastoreError) in
                    try created(all, until: moment, deadline: deadline)
                } ?? all
            guard !due.isEmpty else { return (released, all.count) }
            guard !deadline.hasPassed else { throw .contention(tries: tries) }
            tries += 1
            let batch = Array(due.prefix(Self.batchSize))
            do throws(DatastoreError) {
                let txn = try releaseTxn(batch, marksFree: marksFree, deadline: deadline)
                if try commit(txn, deadline: deadline).succeeded {
                    released += batch.count
                    if batch.count == due.count { return (released, all.count - due.count) }
                } else {
                    // Another call was faster, and then the next listing shows it; or record and index disagree.
                    _ = try repair(batch, deadline: deadline)
                    Backoff.pause(tries: tries)
                }
            } catch {
                // Whether it took effect shows in the next listing.
                guard error.leavesOutcomeUnknown, marksFree || !error.isNoSpace, !deadline.hasPassed else {
                    throw error
                }
                // An etcd without space takes deletions still.
                marksFree = !error.isNoSpace
            }
        }
    }

    /// Fences an attachment that has nothing, and reads at the same moment; nil when there is no fence.
    ///
    /// A fence that etcd refuses for another reason than that it can't be reached is done without: nothing is to be released.
    private func fenceOfDelete(
        _ attachment: Attachment,
        deletedAt moment: NodeMoment.Uptime?,
        reading listing: RangeRequest,
        deadline: Deadline
    ) throws(DatastoreError) -> RangeResponse? {
        do throws(DatastoreError) {
            return try fence(attachment, deletedAt: moment, reading: [listing], deadline: deadline)?.first
        } catch {
            guard !error.isUnavailability else { throw error }
            return nil
        }
    }

    /// Releases addresses if none has changed since it was read; with a retention those of a pod wait for it.
    ///
    /// A store without space takes deletions only, so what does not mark addresses as free has none of them wait.
    func releaseTxn(
        _ batch: [OwnedAddress],
        marksFree: Bool,
        deadline: Deadline
    ) throws(DatastoreError) -> Txn {
        guard retention > 0, marksFree else { return Self.deletionTxn(batch, marksFree: marksFree) }
        let retained = batch.filter { $0.owner.pod != nil }
        guard !retained.isEmpty else { return Self.deletionTxn(batch, marksFree: true) }
        let records = try read(retained.map { RangeRequest(.single($0.addressKey)) }, deadline: deadline).ranges
        let until = Timestamp.secondsNow + retention
        var txn = Self.deletionTxn(batch.filter { $0.owner.pod == nil }, marksFree: true)
        for (owned, found) in zip(retained, records) {
            txn.conditions.append(.isUnchanged(owned.addressKey, since: owned.revision))
            guard let pod = owned.owner.pod, let keyValue = found.keyValues.first else { continue }
            var record = try RecordCoding.record(keyValue)
            record.retainedUntil = Timestamp.text(secondsSince1970: until)
            let suffix = KeySpace.suffix(owned.domain, owned.address)
            let podKey = Key(KeySpace.podPrefix(pod, interfaceName: owned.owner.interfaceName) + suffix)
            let entry = RecordCoding.encode(IndexEntry(owned.owner, retainedUntil: until))
            txn.success += [
                .put(PutRequest(owned.addressKey, RecordCoding.encode(record))),
                .put(PutRequest(podKey, entry)),
                .put(PutRequest(KeySpace.retained(owned.domain, until: until, owned.address), entry)),
            ]
            let others = KeySpace.indexKeys(owned.owner, owned.domain, owned.address).filter { $0 != podKey }
            txn.success += others.map { .deleteRange(DeleteRangeRequest(.single($0))) }
        }
        return txn
    }

    /// Those of the addresses whose records were made until a moment; what has no record has none that is younger.
    private func created(
        _ owned: [OwnedAddress],
        until moment: NodeMoment,
        deadline: Deadline
    ) throws(DatastoreError) -> [OwnedAddress] {
        var due: [OwnedAddress] = []
        for (address, record) in try zip(owned, records(of: owned, deadline: deadline)) {
            let created = try record.map(RecordCoding.record)?.moment
            if created.map({ !moment.precedes($0) }) ?? true {
                due.append(address)
            }
        }
        return due
    }

    /// The records of addresses, as many as they are and in their order.
    func records(of owned: [OwnedAddress], deadline: Deadline) throws(DatastoreError) -> [KeyValue?] {
        var records: [KeyValue?] = []
        while records.count < owned.count {
            let batch = owned.dropFirst(records.count).prefix(Self.recordsAtOnce)
            let found = try read(batch.map { RangeRequest(.single($0.addressKey)) }, deadline: deadline).ranges
            records += found.map(\.keyValues.first)
        }
        return records
    }

    /// Deletes records with their index keys and marks the addresses as free, if none has changed since it was read.
    ///
    /// What is not marked as free is found by a search, when nothing else is left.
    private static func deletionTxn(_ batch: [OwnedAddress], marksFree: Bool) -> Txn {
        let time = Timestamp.now
        var txn = Txn()
        for owned in batch {
            txn.conditions.append(.isUnchanged(owned.addressKey, since: owned.revision))
            let keys = KeySpace.indexKeys(owned.owner, owned.domain, owned.address) + [owned.addressKey]
            txn.success += keys.map { .deleteRange(DeleteRangeRequest(.single($0))) }
            if marksFree {
                txn.success.append(.put(PutRequest(KeySpace.free(owned.domain, owned.address), time)))
            }
        }
        return txn
    }
}
