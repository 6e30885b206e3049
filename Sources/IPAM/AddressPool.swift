public import IPTypes

/// What one configured range can give out.
public struct AddressPool: Hashable, Sendable {
    /// The network of the range; its prefix length goes with every address given out.
    public let range: IPPrefix

    /// The first to the last usable address, with the configured start and end taken into account.
    public let bounds: IPRange

    /// The addresses of `bounds`, or of those that alone are included, which are neither excluded nor a gateway's; it may be empty.
    public let allocatable: IPRangeSet

    /// Notes for the log on a start or an end which lies outside of the usable addresses, and so has no effect.
    public let ignoredBounds: [String]

    /// Makes the pool of a network.
    ///
    /// The network and the all-ones address are not usable, in IPv6 as in IPv4. In a prefix too small to spare two
    /// addresses (/31, /32, /127, /128) every address is (RFC 3021, RFC 6164).
    ///
    /// - Parameters:
    ///   - range: The network.
    ///   - start: The first address to give out; ignored unless it is usable.
    ///   - end: The last address to give out; ignored unless it is usable and not below the first.
    ///   - inclusions: The only addresses to give out; nil for all.
    ///   - exclusions: Addresses not to give out; those outside of the network have no effect.
    public init(
        range: IPPrefix,
        start: IPAddress? = nil,
        end: IPAddress? = nil,
        including inclusions: IPRangeSet? = nil,
        excluding exclusions: IPRangeSet
    ) {
        var bounds = Self.usable(in: range)
        var ignored: [String] = []
        if let start {
            if bounds.contains(start), let narrowed = IPRange(start, bounds.last) {
                bounds = narrowed
            } else {
                ignored.append("the start \(start) is outside of \(bounds) and is ignored")
            }
        }
        if let end {
            if bounds.contains(end), let narrowed = IPRange(bounds.first, end) {
                bounds = narrowed
            } else {
                ignored.append("the end \(end) is outside of \(bounds) and is ignored")
            }
        }
        self.range = range
        self.bounds = bounds
        let all = IPRangeSet([bounds])
        self.allocatable = (inclusions.map(all.intersection) ?? all).subtracting(exclusions)
        self.ignoredBounds = ignored
    }

    /// The family of all addresses in the pool.
    public var family: IPFamily {
        range.family
    }

    /// The number of addresses which the pool can give out, or `UInt128.max` if there are more.
    public var capacity: UInt128 {
        allocatable.count
    }

    /// Returns an address of the pool with the prefix length of its range.
    ///
    /// An address whose family has no such length, which no pool gives out, is taken as alone in its network.
    public func interfaceAddress(_ address: IPAddress) -> InterfaceAddress {
        InterfaceAddress(address, prefixLength: range.length) ?? InterfaceAddress(host: address)
    }

    private static func usable(in range: IPPrefix) -> IPRange {
        guard let first = range.first.next, let last = range.last.previous, let inner = IPRange(first, last) else {
            return range.range
        }
        return inner
    }
}
