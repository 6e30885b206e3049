public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// The most allocations that one transaction releases; each takes five operations.
    private static let batchSize = 20

    /// Releases everything that an attachment has, in one transaction guarded by the revision that was read.
    ///
    /// What has passed to a later container of the same pod is not touched.
    ///
    /// - Returns: The number of addresses released; 0 when there was nothing, which is success.
    /// - Throws: `.undecodable`, `.contention`, `.etcd`.
    @discardableResult
    public func release(_ attachment: Attachment, deadline: Deadline) throws(DatastoreError) -> Int {
        let prefix = KeySpace.attachmentPrefix(attachment)
        let listing = RangeRequest(.prefix(Key(prefix)))
        var released = 0
        var tries = 0
        while true {
            let owned = try OwnedAddress.list(read([listing], deadline: deadline).ranges[0].keyValues, after: prefix)
            guard !owned.isEmpty else { return released }
            guard !deadline.hasPassed else { throw .contention(tries: tries) }
            tries += 1
            let batch = owned.prefix(Self.batchSize)
            do throws(DatastoreError) {
                if try commit(Self.releaseTxn(batch), deadline: deadline).succeeded {
                    released += batch.count
                    if batch.count == owned.count { return released }
                } else {
                    released += try releaseOneByOne(batch, deadline: deadline)
                }
            } catch {
                // Whether it took effect shows in the next listing.
                guard error.leavesOutcomeUnknown, !deadline.hasPassed else { throw error }
            }
        }
    }

    /// Deletes records with their index keys and marks the addresses as free, if none has changed since it was read.
    private static func releaseTxn(_ batch: some Collection<OwnedAddress>) -> Txn {
        let time = Timestamp.now
        var txn = Txn()
        for owned in batch {
            txn.conditions.append(.isUnchanged(owned.addressKey, since: owned.revision))
            let keys = KeySpace.indexKeys(owned.owner, owned.domain, owned.address) + [owned.addressKey]
            txn.success += keys.map { .deleteRange(DeleteRangeRequest(.single($0))) }
            txn.success.append(.put(PutRequest(KeySpace.free(owned.domain, owned.address), time)))
        }
        return txn
    }

    /// Releases what still belongs to its owner, after a transaction for all of them failed.
    ///
    /// That happens when another call changed them meanwhile, and then the next listing shows it; or when record and index
    /// disagree, because something other than this program wrote to the store. Then the index keys go, and the record
    /// stays with whoever it names.
    private func releaseOneByOne(
        _ batch: some Collection<OwnedAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> Int {
        var released = 0
        for owned in batch {
            if try commit(Self.releaseTxn([owned]), deadline: deadline).succeeded {
                released += 1
                continue
            }
            let read = try read([RangeRequest(.single(owned.addressKey))], deadline: deadline)
            let record = try read.ranges[0].keyValues.first.map { keyValue throws(DatastoreError) in
                (owner: try RecordCoding.record(keyValue).owner, revision: keyValue.modRevision)
            }
            if let record, record.owner.attachment == owned.owner.attachment {
                let current = OwnedAddress(
                    domain: owned.domain,
                    address: owned.address,
                    owner: owned.owner,
                    revision: record.revision
                )
                released += try commit(Self.releaseTxn([current]), deadline: deadline).succeeded ? 1 : 0
            } else {
                try dropIndexKeys(of: owned, keeping: record?.owner, deadline: deadline)
            }
        }
        return released
    }
}
