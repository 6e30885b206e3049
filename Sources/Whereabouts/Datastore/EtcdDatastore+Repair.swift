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
                try dropIndexKeys(of: owned, keeping: [], deadline: deadline)
                isChanged = true
                continue
            }
            guard keyValue.modRevision != owned.revision else { continue }
            let record = try RecordCoding.record(keyValue)
            let owner = record.owner
            if record.retainedUntil != nil {
                // No container has it any more: the release that says so was faster than whoever read the index.
                let kept = owner.pod.map { pod in
                    let prefix = KeySpace.podPrefix(pod, interfaceName: owner.interfaceName)
                    return Key(prefix + KeySpace.suffix(owned.domain, owned.address))
                }
                try dropIndexKeys(of: owned, keeping: [kept].compactMap { $0 }, deadline: deadline)
            } else if owner.attachment == owned.owner.attachment {
                try writeIndexKeys(of: owned, keyValue, owner, deadline: deadline)
            } else {
                let kept = KeySpace.indexKeys(owner, owned.domain, owned.address)
                try dropIndexKeys(of: owned, keeping: kept, deadline: deadline)
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
        let value = RecordCoding.encode(IndexEntry(owner))
        let indexKeys = KeySpace.indexKeys(owner, owned.domain, owned.address)
        var write = Txn(
            if: [
                .isUnchanged(record.key, since: record.modRevision),
                // One that is gone was deleted by a release, and is not to come back.
                .isUnchanged(owned.indexKey, since: owned.revision),
            ],
            then: [.put(PutRequest(record.key, record.value))] + indexKeys.map { .put(PutRequest($0, value)) }
        )
        if !indexKeys.contains(owned.indexKey) {
            write.success.append(.deleteRange(DeleteRangeRequest(.single(owned.indexKey))))
        }
        _ = try commit(write, deadline: deadline)
    }

    /// Deletes the index keys of an address whose record does not bear them out, but for those that it does.
    func dropIndexKeys(
        of owned: OwnedAddress,
        keeping kept: [Key],
        deadline: Deadline
    ) throws(DatastoreError) {
        let all = Set(KeySpace.indexKeys(owned.owner, owned.domain, owned.address) + [owned.indexKey])
        let stale = all.subtracting(kept)
        let drop = Txn(
            if: [.isUnchanged(owned.indexKey, since: owned.revision)],
            then: stale.map { .deleteRange(DeleteRangeRequest(.single($0))) }
        )
        _ = try commit(drop, deadline: deadline)
    }
}
