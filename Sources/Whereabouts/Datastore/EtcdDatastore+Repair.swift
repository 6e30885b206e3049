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
            let owner = try RecordCoding.record(keyValue).owner
            if owner.attachment == owned.owner.attachment {
                try writeIndexKeys(of: owned, keyValue, owner, deadline: deadline)
            } else {
                try dropIndexKeys(of: owned, keeping: owner, deadline: deadline)
            }
            isChanged = true
        }
        return isChanged
    }

    /// Writes a record as it is, with its index keys, so that they have one revision again.
    private func writeIndexKeys(
        of owned: OwnedAddress,
        _ record: KeyValue,
        _ owner: AllocationOwner,
        deadline: Deadline
    ) throws(DatastoreError) {
        let value = RecordCoding.encode(owner)
        let indexKeys = KeySpace.indexKeys(owner, owned.domain, owned.address)
        var write = Txn(
            if: [.isUnchanged(record.key, since: record.modRevision)],
            then: [.put(PutRequest(record.key, record.value))] + indexKeys.map { .put(PutRequest($0, value)) }
        )
        if !indexKeys.contains(owned.indexKey) {
            write.success.append(.deleteRange(DeleteRangeRequest(.single(owned.indexKey))))
        }
        _ = try commit(write, deadline: deadline)
    }

    /// Deletes the index keys of an address that has no record, or another owner's, whose index keys stay.
    func dropIndexKeys(
        of owned: OwnedAddress,
        keeping other: AllocationOwner?,
        deadline: Deadline
    ) throws(DatastoreError) {
        let kept = other.map { KeySpace.indexKeys($0, owned.domain, owned.address) } ?? []
        let all = Set(KeySpace.indexKeys(owned.owner, owned.domain, owned.address) + [owned.indexKey])
        let stale = all.subtracting(kept)
        let drop = Txn(
            if: [.isUnchanged(owned.indexKey, since: owned.revision)],
            then: stale.map { .deleteRange(DeleteRangeRequest(.single($0))) }
        )
        _ = try commit(drop, deadline: deadline)
    }
}
