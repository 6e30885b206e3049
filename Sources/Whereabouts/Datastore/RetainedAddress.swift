internal import EtcdClient
internal import IPAM
internal import IPTypes

/// An address that no container has, and that waits for the pod of its last owner.
struct RetainedAddress {
    /// The domain, as a part of a key.
    let domain: String
    let address: IPAddress
    let owner: AllocationOwner
    /// The key that says until when it waits.
    let key: Key
    /// The mod revision that the record, the index key of the pod and `key` have in common.
    let revision: Int64

    /// The record's key.
    var addressKey: Key {
        KeySpace.address(domain, address)
    }

    /// The keys of the address beside its record.
    var indexKeys: [Key] {
        KeySpace.indexKeys(owner, domain, address) + [key]
    }

    /// Reads keys of a domain.
    static func list(_ keyValues: [KeyValue], of domain: String) throws(DatastoreError) -> [RetainedAddress] {
        var list: [RetainedAddress] = []
        for keyValue in keyValues {
            guard let address = KeySpace.retainedAddress(keyValue.key) else {
                throw .undecodable(key: keyValue.key.description, reason: "the key names no address")
            }
            list.append(
                RetainedAddress(
                    domain: domain,
                    address: address,
                    owner: try RecordCoding.entry(keyValue).owner,
                    key: keyValue.key,
                    revision: keyValue.modRevision
                )
            )
        }
        return list
    }
}
