/// An IPv4 or IPv6 address, as a number which knows its family.
///
/// The family is part of the value and never inferred from it: `::1.2.3.4` and the IPv4-mapped `::ffff:1.2.3.4` stay
/// IPv6 addresses, distinct from `1.2.3.4`. (Go's `net.IP` takes the mapped form for IPv4.) There are no zones.
public struct IPAddress: Hashable, Sendable {
    /// The family, which bounds `value`.
    public let family: IPFamily

    /// The address as a number in host order; an IPv4 address fills the low 32 bits.
    public let value: UInt128

    /// Makes the address of a family with a value, or nil if the value has more bits than the family.
    public init?(family: IPFamily, value: UInt128) {
        guard value <= family.maximum else { return nil }
        self.init(family: family, truncating: value)
    }

    /// Makes an IPv4 address.
    public init(v4 value: UInt32) {
        self.init(family: .ipv4, truncating: UInt128(value))
    }

    /// Makes an IPv6 address.
    public init(v6 value: UInt128) {
        self.init(family: .ipv6, truncating: value)
    }

    /// Makes an address from as many low bits of `value` as the family has.
    init(family: IPFamily, truncating value: UInt128) {
        self.family = family
        self.value = value & family.maximum
    }

    /// Returns the address `distance` above this one, or nil past the end of the family.
    public func advanced(by distance: UInt128) -> IPAddress? {
        let (sum, overflow) = value.addingReportingOverflow(distance)
        return overflow ? nil : IPAddress(family: family, value: sum)
    }

    /// Returns how far `other` is above this address, or nil if it is lower or of the other family.
    public func distance(to other: IPAddress) -> UInt128? {
        guard family == other.family, value <= other.value else { return nil }
        return other.value - value
    }

    /// The address above this one, or nil at the end of the family.
    public var next: IPAddress? {
        advanced(by: 1)
    }

    /// The address below this one, or nil at the start of the family.
    public var previous: IPAddress? {
        value == 0 ? nil : IPAddress(family: family, value: value - 1)
    }
}

extension IPAddress: Comparable {
    /// Orders IPv4 before IPv6, and by value within a family.
    public static func < (lhs: IPAddress, rhs: IPAddress) -> Bool {
        lhs.family == rhs.family ? lhs.value < rhs.value : lhs.family == .ipv4
    }
}
