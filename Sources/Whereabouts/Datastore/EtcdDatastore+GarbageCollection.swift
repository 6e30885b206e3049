public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// The number of index keys that are held at once, whatever the number of records.
    static let listingPageSize: Int64 = 500

    /// Releases what a node's containers have of a network, but what belongs to the valid ones.
    ///
    /// Only what was made before the call is released, by the time since this node's start, as the records say it. Whatever was changed behind the first read, such as a record that a later ADD made anew or took over,
    /// fails the guard of its release.
    ///
    /// - Parameters:
    ///   - valid: The attachments to keep.
    ///   - network: The name of the CNI network configuration.
    ///   - node: The node; other nodes' records are not even read.
    ///   - moment: When the call began: nothing that was made then or later is released.
    ///   - deadline: When to end in any case.
    /// - Returns: What was done. It goes on after an error unless etcd does not answer.
    public func collectGarbage(
        keeping valid: Set<Attachment>,
        network: String,
        node: String,
        createdBefore moment: NodeMoment,
        deadline: Deadline
    ) -> GarbageCollection {
        var collection = GarbageCollection()
        let prefix = KeySpace.nodePrefix(node)
        var rest: KeyRange? = .prefix(Key(prefix))
        // A fixed revision for all pages might be compacted away meanwhile; the first one's only bounds what is released.
        while let range = rest, !collection.isStopped {
            do throws(DatastoreError) {
                let (pages, current) = try read([RangeRequest(range, limit: Self.listingPageSize)], deadline: deadline)
                let bound = collection.revision ?? current
                collection.revision = bound
                let stale = pages[0].keyValues.compactMap { keyValue -> OwnedAddress? in
                    guard keyValue.modRevision <= bound else { return nil }
                    do throws(DatastoreError) {
                        let owned = try OwnedAddress(keyValue, after: prefix)
                        return owned.owner.network == network && !valid.contains(owned.owner.attachment) ? owned : nil
                    } catch {
                        collection.note(error)
                        return nil
                    }
                }
                let due = try created(stale, before: moment, &collection, deadline: deadline)
                release(due, &collection, deadline: deadline)
                rest = Self.rest(of: range, behind: pages[0])
            } catch {
                collection.note(error)
                return collection
            }
        }
        return collection
    }

    /// Those of the addresses whose records were made before a moment, without those that can't be read.
    private func created(
        _ owned: [OwnedAddress],
        before moment: NodeMoment,
        _ collection: inout GarbageCollection,
        deadline: Deadline
    ) throws(DatastoreError) -> [OwnedAddress] {
        var due: [OwnedAddress] = []
        for (address, record) in try zip(owned, records(of: owned, deadline: deadline)) {
            do throws(DatastoreError) {
                let created = try record.map(RecordCoding.record)?.moment
                if created?.precedes(moment) ?? true {
                    due.append(address)
                }
            } catch {
                collection.note(error)
            }
        }
        return due
    }

    /// Releases addresses, each of them unless it was changed since it was read.
    private func release(_ stale: [OwnedAddress], _ collection: inout GarbageCollection, deadline: Deadline) {
        var marksFree = true
        var rest = stale[...]
        while !rest.isEmpty, !collection.isStopped {
            let batch = Array(rest.prefix(Self.batchSize))
            rest = rest.dropFirst(batch.count)
            do throws(DatastoreError) {
                if try releaseUnchanged(batch, &marksFree, deadline: deadline) {
                    collection.released += batch.count
                    continue
                }
            } catch {
                collection.note(error)
                continue
            }
            // One of them was changed; the others are not to suffer for it.
            for owned in batch where !collection.isStopped {
                do throws(DatastoreError) {
                    if try releaseUnchanged([owned], &marksFree, deadline: deadline) {
                        collection.released += 1
                    } else {
                        // The record may disagree with its index; the next collection then finds that they agree.
                        _ = try repair([owned], deadline: deadline)
                    }
                } catch {
                    collection.note(error)
                }
            }
        }
    }

    /// Releases addresses in one transaction, or none of them and returns false if any was changed since it was read, or a condition does not hold.
    ///
    /// A transaction whose outcome is unknown is repeated once. If it was applied the guard holds no more, and then none of the addresses is
    /// its owner's any longer.
    func releaseUnchanged(
        _ batch: [OwnedAddress],
        _ marksFree: inout Bool,
        if guards: [Compare] = [],
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        func attempt() throws(DatastoreError) -> Bool {
            var txn = try releaseTxn(batch, marksFree: marksFree, deadline: deadline)
            txn.conditions += guards
            return try commit(txn, deadline: deadline).succeeded
        }
        do throws(DatastoreError) {
            return try attempt()
        } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
            // An etcd without space takes deletions still.
            marksFree = marksFree && !error.isNoSpace
            if try attempt() { return true }
            return try areReleased(batch, deadline: deadline)
        }
    }

    /// Whether none of the addresses is its owner's any longer, except that it may wait for it.
    private func areReleased(_ batch: [OwnedAddress], deadline: Deadline) throws(DatastoreError) -> Bool {
        for (owned, found) in try zip(batch, records(of: batch, deadline: deadline)) {
            guard let record = try found.map(RecordCoding.record) else { continue }
            guard record.retainedUntil != nil, record.owner == owned.owner else { return false }
        }
        return true
    }
}
