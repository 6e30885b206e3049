internal import EtcdClient
internal import IPAM
internal import IPTypes

/// What is done where record and index disagree, which only something other than this program can bring about.
///
/// The record decides. Without this, a call that waits for both to agree would try in vain until its deadline.
extension EtcdDatastore {
    /// Makes the index keys of addresses agree with their records.
    ///
    /// - Returns: Whether anything had to be changed, so that what was read before is out of date.
    func repair(_ addresses: [OwnedAddress], deadline: Deadline) throws(DatastoreError) -> Bool {
        let found = try read(addresses.map { RangeRequest(.single($0.addressKey)) }, deadline: deadline).ranges
        var isChanged = false
        for index in addresses.indices {
            let owned = addresses[index]
            guard let keyValue = found[index].keyValues.first else {
                try dropIndexKeys(of: owned, keeping: nil, deadline: deadline)
                isChanged = true
                continue
            }
            guard keyValue.modRevision != owned.revision else { continue }
            let record = try RecordCoding.record(keyValue)
            // What waits by the record only has no keys by attachment and by node, which a release took away.
            if record.owner.attachment == owned.owner.attachment,
                record.retainedUntil == nil || owned.retainedUntil != nil
            {
                try writeIndexKeys(of: owned, keyValue, record, deadline: deadline)
            } else {
                try dropIndexKeys(of: owned, keeping: record, deadline: deadline)
            }
            isChanged = true
        }
        return isChanged
    }

    /// Writes a record as it is, with its index keys, so that they have one revision again.
    ///
    /// Another call that has changed the index meanwhile has left it in order.
    private func writeIndexKeys(
        of owned: OwnedAddress,
        _ keyValue: KeyValue,
        _ record: AllocationRecord,
        deadline: Deadline
    ) throws(DatastoreError) {
        let until = record.retainedUntil.flatMap { _ in owned.retainedUntil }
        let value = RecordCoding.encode(IndexEntry(record.owner, retainedUntil: until))
        var keys = Self.indexKeys(of: record, owned)
        var stale = owned.indexKeys
        if let until = owned.retainedUntil {
            let key = KeySpace.retained(owned.domain, until: until, owned.address)
            if record.retainedUntil == nil {
                stale.insert(key)
            } else {
                keys.append(key)
            }
        }
        let write = Txn(
            if: [
                .isUnchanged(keyValue.key, since: keyValue.modRevision),
                .isUnchanged(owned.indexKey, since: owned.revision),
            ],
            then: [.put(PutRequest(keyValue.key, keyValue.value))] + keys.map { .put(PutRequest($0, value)) }
                + stale.subtracting(keys).map { .deleteRange(DeleteRangeRequest(.single($0))) }
        )
        _ = try commit(write, deadline: deadline)
    }

    /// Deletes the index keys of an address that has no record, or another owner's, whose index keys stay.
    private func dropIndexKeys(
        of owned: OwnedAddress,
        keeping record: AllocationRecord?,
        deadline: Deadline
    ) throws(DatastoreError) {
        let stale = owned.indexKeys.subtracting(record.map { Self.indexKeys(of: $0, owned) } ?? [])
        let drop = Txn(
            if: [.isUnchanged(owned.indexKey, since: owned.revision)],
            then: stale.map { .deleteRange(DeleteRangeRequest(.single($0))) }
        )
        _ = try commit(drop, deadline: deadline)
    }

    /// The keys that an address has in the indices by its record: what waits for a pod is the pod's only.
    private static func indexKeys(of record: AllocationRecord, _ owned: OwnedAddress) -> [Key] {
        guard record.retainedUntil != nil, let pod = record.owner.pod else {
            return KeySpace.indexKeys(record.owner, owned.domain, owned.address)
        }
        let prefix = KeySpace.podPrefix(pod, interfaceName: record.owner.interfaceName)
        return [Key(prefix + KeySpace.suffix(owned.domain, owned.address))]
    }
}

extension OwnedAddress {
    /// The keys that the address may have in the indices by what they say of its owner.
    fileprivate var indexKeys: Set<Key> {
        Set(KeySpace.indexKeys(owner, domain, address) + [indexKey])
    }
}
