public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// The most allocations that one transaction releases.
    ///
    /// An ADD makes no more; only an attachment whose configuration changed while it lived can have more.
    static let batchSize = demandLimit

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
        var marksFree = true
        while true {
            let owned = try OwnedAddress.list(read([listing], deadline: deadline).ranges[0].keyValues, after: prefix)
            guard !owned.isEmpty else { return released }
            guard !deadline.hasPassed else { throw .contention(tries: tries) }
            tries += 1
            let batch = Array(owned.prefix(Self.batchSize))
            do throws(DatastoreError) {
                if try commit(Self.releaseTxn(batch, marksFree: marksFree), deadline: deadline).succeeded {
                    released += batch.count
                    if batch.count == owned.count { return released }
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

    /// Deletes records with their index keys and marks the addresses as free, if none has changed since it was read.
    ///
    /// What is not marked as free is found by a search, when nothing else is left.
    static func releaseTxn(_ batch: [OwnedAddress], marksFree: Bool) -> Txn {
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
