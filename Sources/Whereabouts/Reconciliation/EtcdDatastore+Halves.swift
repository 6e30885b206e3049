package import EtcdClient
internal import IPAM
internal import IPTypes

/// Records and index keys that lack each other, wherever they are: calls of the plugin see to those that they meet only.
extension EtcdDatastore {
    /// The most keys that one transaction reads.
    private static let keysAtOnce = 100

    /// Makes records and index keys agree, the records deciding.
    ///
    /// Mostly nothing is wrong, which a sum over all keys tells; only where it does not, each key is looked up. What looks wrong then is read once more, both halves at
    /// one revision, and changed as it was read.
    ///
    /// - Throws: `.etcd`.
    package func repairIndex(isDryRun: Bool, deadline: Deadline) throws(DatastoreError) -> [StoreRepair] {
        if try isIndexWhole(deadline: deadline) { return [] }
        var repairs: [StoreRepair] = []
        for kind in ["attachment/", "node/", "pod/"] {
            try pages(KeySpace.prefix + kind, deadline: deadline) { page throws(DatastoreError) in
                for owned in try disagreeing(page, deadline: deadline) {
                    if let repair = try settle(owned, isDryRun: isDryRun, deadline: deadline) { repairs.append(repair) }
                }
            }
        }
        try pages(KeySpace.addressPrefix, deadline: deadline) { page throws(DatastoreError) in
            for owned in try incomplete(page, deadline: deadline) {
                if let repair = try settle(owned, isDryRun: isDryRun, deadline: deadline) { repairs.append(repair) }
            }
        }
        try pages(KeySpace.retentionPrefix, deadline: deadline) { page throws(DatastoreError) in
            for retained in try forgotten(page, deadline: deadline) {
                if !isDryRun { try settle(retained, deadline: deadline) }
                repairs.append(StoreRepair(.indexKeyWithoutRecord, retained.key.description))
            }
        }
        return repairs
    }

    /// The keys of retention whose records don't wait until then, or are not there; not of keys that can't be understood.
    private func forgotten(_ page: [KeyValue], deadline: Deadline) throws(DatastoreError) -> [RetainedAddress] {
        let retained = page.compactMap { keyValue -> RetainedAddress? in
            guard let place = KeySpace.retainedPlace(keyValue.key), let entry = try? RecordCoding.entry(keyValue)
            else { return nil }
            return RetainedAddress(
                domain: place.domain,
                address: place.address,
                owner: entry.owner,
                key: keyValue.key,
                revision: keyValue.modRevision
            )
        }
        let revisions = try revisions(of: retained.map(\.addressKey), deadline: deadline)
        var forgotten: [RetainedAddress] = []
        for (retained, revision) in zip(retained, revisions) where retained.revision != revision {
            // An ADD or an expiry between the two reads took both.
            let found = try read(
                [RangeRequest(.single(retained.key)), RangeRequest(.single(retained.addressKey))],
                deadline: deadline
            ).ranges.map(\.keyValues.first)
            guard let key = found[0], key.modRevision == retained.revision else { continue }
            guard let stored = found[1] else {
                forgotten.append(retained)
                continue
            }
            guard stored.modRevision != retained.revision, let record = try? RecordCoding.record(stored) else {
                continue
            }
            let until = record.retainedUntil.flatMap(Timestamp.secondsSince1970)
            if until.map({ KeySpace.retained(retained.domain, until: $0, retained.address) }) != retained.key {
                forgotten.append(retained)
            }
        }
        return forgotten
    }

    /// Whether the index keys that there are, with their revisions, are those that the records need, all at one revision; false too where that can't be told.
    private func isIndexWhole(deadline: Deadline) throws(DatastoreError) -> Bool {
        var expected: UInt128 = 0
        var found: UInt128 = 0
        do throws(EtcdError) {
            var records = client.pages(of: .prefix(Key(KeySpace.addressPrefix)), size: Int(Self.listingPageSize))
            while let page = try records.next(deadline: deadline) {
                for keyValue in page {
                    guard let (domain, address) = KeySpace.parse(keyValue.key, after: KeySpace.addressPrefix),
                        let record = try? RecordCoding.record(keyValue)
                    else { return false }
                    let until = record.retainedUntil.flatMap(Timestamp.secondsSince1970)
                    for key in Self.indexKeys(record, domain, address, until: until) {
                        expected &+= Self.mark(key, keyValue.modRevision)
                    }
                }
            }
            for kind in ["attachment/", "node/", "pod/", "retained/"] {
                var keys = client.pages(
                    of: .prefix(Key(KeySpace.prefix + kind)),
                    size: Int(Self.listingPageSize),
                    revision: records.revision,
                    projection: .keysOnly
                )
                while let page = try keys.next(deadline: deadline) {
                    for keyValue in page { found &+= Self.mark(keyValue.key, keyValue.modRevision) }
                }
            }
        } catch {
            // The revision may be compacted away while it is read.
            guard error.code != .server(.compacted) else { return false }
            throw .etcd(error)
        }
        return expected == found
    }

    /// A number by which keys of a revision are told apart, in any order.
    private static func mark(_ key: Key, _ revision: Int64) -> UInt128 {
        var hash = FNV1a()
        hash.add(key.description)
        hash.add(String(revision))
        return hash.number
    }

    private func pages(
        _ prefix: String,
        deadline: Deadline,
        _ body: ([KeyValue]) throws(DatastoreError) -> Void
    ) throws(DatastoreError) {
        var rest: KeyRange? = .prefix(Key(prefix))
        while let range = rest {
            let page = try read([RangeRequest(range, limit: Self.listingPageSize)], deadline: deadline).ranges[0]
            try body(page.keyValues)
            rest = Self.rest(of: range, behind: page)
        }
    }

    /// The revisions of keys, 0 for one that is not there, in their order.
    private func revisions(of keys: [Key], deadline: Deadline) throws(DatastoreError) -> [Int64] {
        var revisions: [Int64] = []
        for start in stride(from: 0, to: keys.count, by: Self.keysAtOnce) {
            let some = keys[start..<min(start + Self.keysAtOnce, keys.count)]
            let found = try read(some.map { RangeRequest(.single($0), projection: .keysOnly) }, deadline: deadline)
            revisions += found.ranges.map { $0.keyValues.first?.modRevision ?? 0 }
        }
        return revisions
    }

    /// The addresses of index keys whose records are not of their revision, or are not there; not of keys that can't be understood.
    private func disagreeing(_ page: [KeyValue], deadline: Deadline) throws(DatastoreError) -> [OwnedAddress] {
        let owned = page.compactMap { keyValue -> OwnedAddress? in
            guard let entry = try? RecordCoding.entry(keyValue) else { return nil }
            return KeySpace.indexPrefixes(entry.owner).lazy.compactMap { try? OwnedAddress(keyValue, after: $0) }.first
        }
        let revisions = try revisions(of: owned.map(\.addressKey), deadline: deadline)
        return zip(owned, revisions).filter { $0.revision != $1 }.map(\.0)
    }

    /// The addresses of records that lack index keys, as what the missing keys would say.
    private func incomplete(_ page: [KeyValue], deadline: Deadline) throws(DatastoreError) -> [OwnedAddress] {
        let expected = page.compactMap { keyValue -> [OwnedAddress]? in
            guard let (domain, address) = KeySpace.parse(keyValue.key, after: KeySpace.addressPrefix),
                let record = try? RecordCoding.record(keyValue)
            else { return nil }
            let until = record.retainedUntil.flatMap(Timestamp.secondsSince1970)
            guard record.retainedUntil == nil || until != nil else { return nil }
            return Self.indexKeys(record, domain, address, until: until).map { key in
                OwnedAddress(
                    domain: domain,
                    address: address,
                    owner: record.owner,
                    retainedUntil: until,
                    indexKey: key,
                    revision: 0
                )
            }
        }.flatMap(\.self)
        let revisions = try revisions(of: expected.map(\.indexKey), deadline: deadline)
        var places: Set<Key> = []
        return zip(expected, revisions).filter { $1 == 0 && places.insert($0.addressKey).inserted }.map(\.0)
    }

    /// Repairs an address that looked wrong, if it is so at one moment; nil when it is not.
    private func settle(
        _ owned: OwnedAddress,
        isDryRun: Bool,
        deadline: Deadline
    ) throws(DatastoreError) -> StoreRepair? {
        let found = try read(
            [RangeRequest(.single(owned.indexKey)), RangeRequest(.single(owned.addressKey))],
            deadline: deadline
        ).ranges
        let (index, record) = (found[0].keyValues.first, found[1].keyValues.first)
        guard (index?.modRevision ?? 0) == owned.revision, record?.modRevision != owned.revision,
            index != nil || record != nil
        else { return nil }
        // What nobody can read is not repaired either, and keeps nothing else from being so.
        let owner: AllocationOwner?
        do throws(DatastoreError) {
            owner = try record.map(RecordCoding.record)?.owner
        } catch {
            return nil
        }
        if index == nil, owner != owned.owner { return nil }
        if !isDryRun { _ = try repair([owned], deadline: deadline) }
        let isOwners = owner?.attachment == owned.owner.attachment
        return StoreRepair(isOwners ? .recordWithoutIndexKey : .indexKeyWithoutRecord, owned.indexKey.description)
    }

    /// The index keys that a record has: what waits for a pod is the pod's only.
    private static func indexKeys(
        _ record: AllocationRecord,
        _ domain: String,
        _ address: IPAddress,
        until: Int64?
    ) -> [Key] {
        guard let until else { return KeySpace.indexKeys(record.owner, domain, address) }
        let retained = KeySpace.retained(domain, until: until, address)
        guard let pod = record.owner.pod else { return [retained] }
        let prefix = KeySpace.podPrefix(pod, interfaceName: record.owner.interfaceName)
        return [retained, Key(prefix + KeySpace.suffix(domain, address))]
    }

    // MARK: Slices

    /// Removes the slices of nodes that are gone, out of which no address is in use.
    ///
    /// - Parameters:
    ///   - nodes: The nodes that there are; nil or none where nobody knows, and then nothing is removed.
    ///   - isDryRun: Whether to tell only what would be removed.
    ///   - deadline: When to end in any case.
    /// - Returns: What was removed, or would be.
    /// - Throws: `.etcd`.
    package func removeSlices(
        ofNodesBeside nodes: Set<String>?,
        isDryRun: Bool,
        deadline: Deadline
    ) throws(DatastoreError) -> [StoreRepair] {
        guard let nodes, !nodes.isEmpty else { return [] }
        let settled = Timestamp.secondsNow - SliceClaim.settlingTime
        let prefix = KeySpace.prefix + "slice/"
        var repairs: [StoreRepair] = []
        try pages(prefix, deadline: deadline) { page throws(DatastoreError) in
            for keyValue in page {
                guard let stored = try? StoredSlice(keyValue), !nodes.contains(stored.slice.node),
                    stored.slice.claimed <= settled
                else { continue }
                let place = keyValue.key.description.dropFirst(prefix.count)
                let parts = place.split(separator: "/")
                guard parts.count == 4 else { continue }
                let nodeKey = Key("\(KeySpace.prefix)node-slice/\(KeySpace.escape(stored.slice.node))/\(place)")
                let addresses = KeySpace.addresses(String(parts[1]), stored.slice.prefix.range)
                let conditions: [Compare] = [
                    .isUnchanged(stored.key, since: stored.revision),
                    Compare(addresses, .equal, .createRevision(0)),
                ]
                let operations = [stored.key, nodeKey].map { TxnOperation.deleteRange(DeleteRangeRequest(.single($0))) }
                let txn = Txn(if: conditions, then: isDryRun ? [] : operations)
                if try commit(txn, deadline: deadline).succeeded {
                    repairs.append(StoreRepair(.sliceOfMissingNode, "\(stored.slice.node) \(stored.slice.prefix)"))
                }
            }
        }
        return repairs
    }
}
