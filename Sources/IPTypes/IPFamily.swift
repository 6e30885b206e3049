/// The version of the Internet Protocol which an address belongs to.
public enum IPFamily: Sendable, Hashable, CaseIterable {
    /// IPv4, with addresses of 32 bits.
    case ipv4
    /// IPv6, with addresses of 128 bits.
    case ipv6

    /// The number of bits in an address of this family.
    public var bitWidth: Int {
        switch self {
        case .ipv4: 32
        case .ipv6: 128
        }
    }

    /// The value of the family's last address: as many ones as the family has bits.
    var maximum: UInt128 {
        .max >> (128 - bitWidth)
    }
}
