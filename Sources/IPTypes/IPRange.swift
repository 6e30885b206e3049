/// All addresses of one family from `first` to `last`, both included; never empty.
public struct IPRange: Hashable, Sendable {
    /// The lowest address.
    public let first: IPAddress

    /// The highest address, which is `first` in a range of one address.
    public let last: IPAddress

    /// Makes a range, or nil if the families differ or `last` is below `first`.
    public init?(_ first: IPAddress, _ last: IPAddress) {
        guard first.family == last.family, first <= last else { return nil }
        self.init(ordered: first, last)
    }

    /// Makes a range of one address.
    public init(_ address: IPAddress) {
        self.init(ordered: address, address)
    }

    /// Makes a range from bounds which are known to be of one family and in order.
    init(ordered first: IPAddress, _ last: IPAddress) {
        self.first = first
        self.last = last
    }

    /// The family of all addresses in the range.
    public var family: IPFamily {
        first.family
    }

    /// The number of addresses, except that all of IPv6 counts as `UInt128.max`, which is one too few.
    public var count: UInt128 {
        let distance = last.value - first.value
        return distance == .max ? .max : distance + 1
    }

    /// Returns whether an address is in the range; one of the other family never is.
    public func contains(_ address: IPAddress) -> Bool {
        // Addresses order by family first, so none of the other family lies between two of this one.
        first <= address && address <= last
    }

    /// Returns whether the two ranges share an address.
    public func overlaps(_ other: IPRange) -> Bool {
        first <= other.last && other.first <= last
    }

    /// Returns the addresses in both ranges, or nil if there are none.
    public func intersection(_ other: IPRange) -> IPRange? {
        IPRange(max(first, other.first), min(last, other.last))
    }
}

extension IPRange: CustomStringConvertible {
    /// The canonical texts of both bounds with a dash between them, or one address alone.
    public var description: String {
        first == last ? "\(first)" : "\(first)-\(last)"
    }
}
