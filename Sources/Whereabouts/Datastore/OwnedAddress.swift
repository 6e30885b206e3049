internal import EtcdClient
internal import IPAM
internal import IPTypes

/// An address that the store says belongs to the attachment in question, or to the same pod's earlier container, or waits for the pod.
struct OwnedAddress {
    /// The domain, as a part of a key.
    let domain: String
    let address: IPAddress
    let owner: AllocationOwner
    /// When the address stops waiting for the owner's pod, in seconds since 1970; nil while the owner's container has it.
    let retainedUntil: Int64?
    /// The index key that says so.
    let indexKey: Key
    /// The mod revision that the record and its index keys have in common.
    let revision: Int64

    /// Whether an attachment has the address, and does not get it only now from the pod for which it waits.
    func isHeld(by attachment: Attachment) -> Bool {
        owner.attachment == attachment && retainedUntil == nil
    }

    /// The record's key.
    var addressKey: Key {
        KeySpace.address(domain, address)
    }

    /// Reads the keys of an index whose keys begin with `prefix`.
    static func list(_ keyValues: [KeyValue], after prefix: String) throws(DatastoreError) -> [OwnedAddress] {
        try keyValues.map { keyValue throws(DatastoreError) in try OwnedAddress(keyValue, after: prefix) }
    }
}

extension OwnedAddress {
    /// Reads a key of an index whose keys begin with `prefix`.
    init(_ keyValue: KeyValue, after prefix: String) throws(DatastoreError) {
        guard let (domain, address) = KeySpace.parse(keyValue.key, after: prefix) else {
            throw .undecodable(key: keyValue.key.description, reason: "the key names no domain and address")
        }
        let entry = try RecordCoding.entry(keyValue)
        guard KeySpace.indexPrefixes(entry.owner).contains(prefix) else {
            throw .undecodable(key: keyValue.key.description, reason: "its value names another owner than the key")
        }
        self.init(
            domain: domain,
            address: address,
            owner: entry.owner,
            retainedUntil: entry.retainedUntil,
            indexKey: keyValue.key,
            revision: keyValue.modRevision
        )
    }
}
