public import EtcdClient
public import IPAM
public import IPTypes

extension EtcdDatastore {
    /// What the store says about an attachment's addresses.
    public struct AttachmentState: Sendable {
        /// The addresses that the index lists for the attachment, by the form of their domain in keys.
        fileprivate let listed: Set<String>
        /// The records of the addresses that were asked for, by the same form.
        fileprivate let records: [String: AllocationRecord]

        /// Whether the address belongs to the attachment, by the index as by the record.
        public func owns(_ address: IPAddress, in domain: AllocationDomain, _ attachment: Attachment) -> Bool {
            let suffix = KeySpace.suffix(domain.keyPart, address)
            return listed.contains(suffix) && records[suffix]?.owner.attachment == attachment
        }

        /// The addresses listed for the attachment within a domain.
        public func addresses(in domain: AllocationDomain) -> [IPAddress] {
            listed.compactMap { KeySpace.parse(Key($0), after: "") }.filter { $0.domain == domain.keyPart }
                .map(\.address).sorted()
        }

        /// Whose the address is according to its record; nil when there is none.
        public func owner(of address: IPAddress, in domain: AllocationDomain) -> AllocationOwner? {
            records[KeySpace.suffix(domain.keyPart, address)]?.owner
        }
    }

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
        var records: [String: AllocationRecord] = [:]
        for (asked, range) in zip(addresses, ranges.dropFirst()) {
            if let keyValue = range.keyValues.first {
                records[KeySpace.suffix(asked.domain.keyPart, asked.address)] = try RecordCoding.record(keyValue)
            }
        }
        return AttachmentState(
            listed: Set(listed.map { KeySpace.suffix($0.domain, $0.address) }),
            records: records
        )
    }
}
