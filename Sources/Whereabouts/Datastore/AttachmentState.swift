public import IPAM
public import IPTypes

/// What a store says about an attachment's addresses.
public struct AttachmentState: Sendable {
    /// An address in a domain, this in the form that keys have.
    struct Place: Hashable {
        let domain: String
        let address: IPAddress
    }

    /// The addresses that the index lists for the attachment.
    let listed: Set<Place>
    /// Whose the addresses that were asked for are by their records.
    let owners: [Place: AllocationOwner]

    /// Whether the address belongs to the attachment, by the index as by the record.
    public func owns(_ address: IPAddress, in domain: AllocationDomain, _ attachment: Attachment) -> Bool {
        let place = Place(domain: domain.keyPart, address: address)
        return listed.contains(place) && owners[place]?.attachment == attachment
    }

    /// The addresses listed for the attachment within a domain.
    public func addresses(in domain: AllocationDomain) -> [IPAddress] {
        listed.filter { $0.domain == domain.keyPart }.map(\.address).sorted()
    }

    /// Whose the address is according to its record; nil when there is none.
    public func owner(of address: IPAddress, in domain: AllocationDomain) -> AllocationOwner? {
        owners[Place(domain: domain.keyPart, address: address)]
    }
}
