public import IPTypes

/// An address that belongs to an attachment.
public struct Allocation: Hashable, Sendable {
    /// The realm within which the address is nobody else's.
    public let domain: AllocationDomain
    /// The address, with the prefix length of its range.
    public let address: InterfaceAddress

    /// Makes an allocation.
    public init(domain: AllocationDomain, address: InterfaceAddress) {
        self.domain = domain
        self.address = address
    }
}
