public import EtcdClient
public import IPAM
public import IPTypes

extension EtcdDatastore {
    /// Reads, at one revision, what an attachment has and what the records of some addresses say.
    ///
    /// - Throws: `.undecodable`, `.etcd`.
    public func state(
        of attachment: Attachment,
        addresses: [(domain: AllocationDomain, address: IPAddress)],
        deadline: Deadline
    ) throws(DatastoreError) -> AttachmentState {
        let prefix = KeySpace.attachmentPrefix(attachment)
        let keys = addresses.map { KeySpace.address($0.domain.keyPart, $0.address) }
        let requests = [RangeRequest(.prefix(Key(prefix)))] + keys.map { RangeRequest(.single($0)) }
        let ranges = try read(requests, deadline: deadline).ranges
        let listed = try OwnedAddress.list(ranges[0].keyValues, after: prefix)
        var owners: [AttachmentState.Place: AllocationOwner] = [:]
        for (asked, range) in zip(addresses, ranges.dropFirst()) {
            if let keyValue = range.keyValues.first {
                let place = AttachmentState.Place(domain: asked.domain.keyPart, address: asked.address)
                owners[place] = try RecordCoding.record(keyValue).owner
            }
        }
        return AttachmentState(
            listed: Set(listed.map { AttachmentState.Place(domain: $0.domain, address: $0.address) }),
            owners: owners
        )
    }
}
