/// A set of addresses of any family, held as the fewest possible ranges.
///
/// No operation takes time by the number of addresses, only by the number of ranges.
public struct IPRangeSet: Hashable, Sendable {
    /// The ranges in ascending order, with at least one address missing between any two of one family.
    public let ranges: [IPRange]

    /// Makes the set of all addresses in any of the ranges, which may come in any order, touch and overlap.
    public init(_ ranges: some Sequence<IPRange>) {
        var merged: [IPRange] = []
        for range in ranges.sorted(by: { $0.first < $1.first }) {
            guard let previous = merged.last, previous.overlaps(range) || previous.last.next == range.first else {
                merged.append(range)
                continue
            }
            merged[merged.count - 1] = IPRange(ordered: previous.first, max(previous.last, range.last))
        }
        self.init(canonical: merged)
    }

    /// Makes a set from ranges which are known to be in order, disjoint and apart.
    private init(canonical ranges: [IPRange]) {
        self.ranges = ranges
    }

    /// Whether the set has no address.
    public var isEmpty: Bool {
        ranges.isEmpty
    }

    /// The lowest address, or nil if the set is empty; any IPv4 address is lower than any IPv6 address.
    public var first: IPAddress? {
        ranges.first?.first
    }

    /// The highest address, or nil if the set is empty.
    public var last: IPAddress? {
        ranges.last?.last
    }

    /// The number of addresses, or `UInt128.max` if there are more.
    public var count: UInt128 {
        ranges.reduce(0) { total, range in
            let (sum, overflow) = total.addingReportingOverflow(range.count)
            return overflow ? .max : sum
        }
    }

    /// Returns whether an address is in the set.
    public func contains(_ address: IPAddress) -> Bool {
        range(endingNotBefore: address)?.contains(address) ?? false
    }

    /// Returns the lowest address of the set which has the family of `address` and is not below it, or nil.
    public func firstAddress(notBefore address: IPAddress) -> IPAddress? {
        guard let range = range(endingNotBefore: address), range.family == address.family else { return nil }
        return max(range.first, address)
    }

    /// Returns the addresses in either set.
    public func union(_ other: IPRangeSet) -> IPRangeSet {
        IPRangeSet(ranges + other.ranges)
    }

    /// Returns the addresses of this set which are not in the other.
    public func subtracting(_ other: IPRangeSet) -> IPRangeSet {
        var remaining: [IPRange] = []
        var cuts = other.ranges[...]
        for range in ranges {
            cuts = cuts.drop { $0.last < range.first }
            // What is left of `range` starts here; nil once a cut has reached the end of the family.
            var start: IPAddress? = range.first
            for cut in cuts.prefix(while: { $0.first <= range.last }) {
                if let start, let end = cut.first.previous, let piece = IPRange(start, end) {
                    remaining.append(piece)
                }
                start = cut.last.next
            }
            if let start, let piece = IPRange(start, range.last) {
                remaining.append(piece)
            }
        }
        return IPRangeSet(canonical: remaining)
    }

    /// Returns the addresses in both sets.
    public func intersection(_ other: IPRangeSet) -> IPRangeSet {
        var common: [IPRange] = []
        var (left, right) = (ranges[...], other.ranges[...])
        while let a = left.first, let b = right.first {
            if let piece = a.intersection(b) {
                common.append(piece)
            }
            // The range which ends first cannot meet another one.
            if a.last < b.last {
                left = left.dropFirst()
            } else {
                right = right.dropFirst()
            }
        }
        return IPRangeSet(canonical: common)
    }

    /// Returns the addresses of this set which are in a range.
    public func intersection(_ range: IPRange) -> IPRangeSet {
        intersection(IPRangeSet([range]))
    }

    /// The lowest range whose last address is not below `address`, found by bisection.
    private func range(endingNotBefore address: IPAddress) -> IPRange? {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].last < address {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < ranges.count ? ranges[low] : nil
    }
}

extension IPRangeSet: CustomStringConvertible {
    /// The ranges in ascending order, in brackets.
    public var description: String {
        "[" + ranges.map(\.description).joined(separator: ", ") + "]"
    }
}
