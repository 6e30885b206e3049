public import IPTypes

/// What one configured range can give out.
public struct AddressPool: Hashable, Sendable {
    /// The network of the range; its prefix length goes with every address given out.
    public let range: IPPrefix

    /// The first to the last usable address, with the configured start and end taken into account.
    public let bounds: IPRange

    /// The addresses of `bounds`, or of those that alone are included, which are neither excluded nor a gateway's; it may be empty.
    public let allocatable: IPRangeSet

    /// The gateway that goes with the addresses, which need not lie in the range; nil for none.
    public let gateway: IPAddress?

    /// The part of the network that one node alone gives out; nil for all of it.
    public let slice: IPPrefix?

    /// Notes for the log on a start or an end which lies outside of the usable addresses, and so has no effect.
    public let ignoredBounds: [String]

    /// Those of `bounds` that alone are given out; nil for all.
    private let inclusions: IPRangeSet?

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
    ///   - gateway: The gateway that goes with the addresses; it is excluded like any other address, or not at all.
    public init(
        range: IPPrefix,
        start: IPAddress? = nil,
        end: IPAddress? = nil,
        including inclusions: IPRangeSet? = nil,
        excluding exclusions: IPRangeSet,
        gateway: IPAddress? = nil
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
        self.slice = nil
        self.gateway = gateway
        self.inclusions = inclusions
        self.bounds = bounds
        let all = IPRangeSet([bounds])
        self.allocatable = (inclusions.map(all.intersection) ?? all).subtracting(exclusions)
        self.ignoredBounds = ignored
    }

    /// Makes the part of a pool that lies in a slice.
    private init(_ pool: AddressPool, in slice: IPPrefix, bounds: IPRange) {
        range = pool.range
        self.slice = slice
        gateway = pool.gateway
        inclusions = pool.inclusions
        self.bounds = bounds
        allocatable = pool.allocatable.intersection(bounds)
        ignoredBounds = pool.ignoredBounds
    }

    /// The part of the pool that lies in a slice of its network: with its mask and its exclusions, and without the slice's own first and last
    /// address, as in a network of that size.
    ///
    /// - Returns: The part; nil when nothing can be given out of it.
    public func sliced(to slice: IPPrefix) -> AddressPool? {
        guard range.contains(slice), let bounds = Self.usable(in: slice).intersection(bounds) else { return nil }
        let part = AddressPool(self, in: slice, bounds: bounds)
        return part.allocatable.isEmpty ? nil : part
    }

    /// The first slice of a length, from an address on, out of which something can be given; nil when there is none.
    public func slice(ofLength length: Int, from address: IPAddress) -> IPPrefix? {
        var next: IPAddress? = address
        while let start = next.flatMap(allocatable.firstAddress(notBefore:)),
            let slice = IPPrefix(containing: start, length: length)
        {
            if slice.first >= address, sliced(to: slice) != nil { return slice }
            next = slice.last.next
        }
        return nil
    }

    /// The family of all addresses in the pool.
    public var family: IPFamily {
        range.family
    }

    /// The number of addresses which the pool can give out, or `UInt128.max` if there are more.
    public var capacity: UInt128 {
        allocatable.count
    }

    /// Why an address of the network is not given out.
    public enum Obstacle: Hashable, Sendable {
        /// It is the network's own, the first one.
        case networkAddress
        /// It is the last one, with all bits of the host set: in IPv4 the broadcast address.
        case lastAddress
        /// It lies before the first or behind the last that are given out.
        case outOfBounds
        /// It is none of those that are included.
        case notIncluded
        /// It is excluded, or a gateway's.
        case excluded
    }

    /// Returns what keeps an address from being given out; nil for one that is, or that lies outside of the network.
    public func obstacle(to address: IPAddress) -> Obstacle? {
        guard range.contains(address), !allocatable.contains(address) else { return nil }
        guard Self.usable(in: range).contains(address) else {
            return address == range.first ? .networkAddress : .lastAddress
        }
        guard bounds.contains(address) else { return .outOfBounds }
        return inclusions?.contains(address) == false ? .notIncluded : .excluded
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
