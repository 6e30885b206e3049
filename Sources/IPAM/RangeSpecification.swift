public import IPTypes

/// One range as a user writes it, before anything is known to be valid.
public struct RangeSpecification: Hashable, Sendable {
    /// A CIDR such as `192.168.2.0/24`, or its addresses from one to another: `192.168.2.10-192.168.2.20/24`.
    public var range: String

    /// The first address to give out, if it is not the first usable one.
    public var rangeStart: String?

    /// The last address to give out, if it is not the last usable one.
    public var rangeEnd: String?

    /// The only addresses to give out, in the forms of `exclude`; empty for all.
    public var include: [String]

    /// Addresses not to give out: each entry a CIDR, an address, or two with a dash between them.
    public var exclude: [String]

    /// Makes a specification from what the user wrote.
    public init(
        range: String,
        rangeStart: String? = nil,
        rangeEnd: String? = nil,
        include: [String] = [],
        exclude: [String] = []
    ) {
        self.range = range
        self.include = include
        self.rangeStart = rangeStart
        self.rangeEnd = rangeEnd
        self.exclude = exclude
    }

    /// Reads the specification and returns the pool which it describes.
    ///
    /// Octets with leading zeros are read as decimal in `range`, and rejected in `exclude`. The form
    /// `first-last/length` overrides `rangeStart` and `rangeEnd`. An exclude or a gateway outside of the range has no
    /// effect.
    ///
    /// - Parameters:
    ///   - gateways: Addresses which are in use by gateways.
    ///   - gateway: The one that goes with the addresses of the range.
    ///   - boundsSyntax: Whether `rangeStart` and `rangeEnd` may have octets with leading zeros.
    /// - Returns: A pool with at least one address to allocate.
    /// - Throws: `RangeError`, which names the first key with a value that cannot be used.
    public func pool(
        excludingGateways gateways: [IPAddress],
        gateway: IPAddress? = nil,
        boundsSyntax: IPSyntax
    ) throws(RangeError) -> AddressPool {
        let (network, start, end) = try bounds(syntax: boundsSyntax)
        let inclusions = try entries("include", include)
        for (index, entry) in inclusions.enumerated() where !(network.range.overlaps(entry)) {
            throw RangeError(
                key: "include[\(index)]",
                value: include[index],
                reason: "lies outside of \(network); name addresses of the range"
            )
        }
        let exclusions = try entries("exclude", exclude) + gateways.map { IPRange($0) }
        let pool = AddressPool(
            range: network,
            start: start,
            end: end,
            including: inclusions.isEmpty ? nil : IPRangeSet(inclusions),
            excluding: IPRangeSet(exclusions),
            gateway: gateway
        )
        guard !pool.allocatable.isEmpty else {
            let all = inclusions.isEmpty ? "\(pool.bounds)" : "what include names of \(pool.bounds)"
            throw RangeError(
                key: "range",
                value: range,
                reason: """
                    has nothing left to allocate: exclude and the gateways cover all of \(all); \
                    widen the range or exclude less
                    """
            )
        }
        return pool
    }

    /// Reads the network alone, whose prefix length goes with every address.
    ///
    /// - Throws: `RangeError` for `range`.
    public func network() throws(RangeError) -> IPPrefix {
        var range = self
        range.rangeStart = nil
        range.rangeEnd = nil
        return try range.bounds(syntax: .strict).network
    }

    /// The keys that say nothing about a network, each with the reason; those that can't be read are left out.
    public func keysWithoutEffect(in network: IPPrefix) -> [(key: String, reason: String)] {
        var found: [(key: String, reason: String)] = []
        if range.contains("-") {
            let bounds = [("range_start", rangeStart), ("range_end", rangeEnd)]
            found = bounds.filter { $0.1 != nil }.map { ($0.0, "has no effect beside \(range), which has its ends") }
        }
        for (index, text) in exclude.enumerated() {
            guard let entry = try? entry("exclude[\(index)]", text), !network.range.overlaps(entry) else { continue }
            found.append(("exclude[\(index)]", "\(text) lies outside of \(network), and has no effect"))
        }
        return found
    }

    // MARK: The range and its bounds

    private typealias Bounds = (network: IPPrefix, start: IPAddress?, end: IPAddress?)

    private func bounds(syntax: IPSyntax) throws(RangeError) -> Bounds {
        if let dash = range.firstIndex(of: "-") {
            return try explicitBounds(first: range[..<dash], lastAndLength: range[range.index(after: dash)...])
        }
        return (
            network: try parse("range", range, use: Self.rangeForms) { () throws(IPSyntaxError) in
                try IPPrefix(range, syntax: .leadingZeros)
            },
            start: try bound("range_start", rangeStart, syntax: syntax),
            end: try bound("range_end", rangeEnd, syntax: syntax)
        )
    }

    /// Reads the form `first-last/length`, whose network is that of `last/length`.
    private func explicitBounds(
        first: Substring,
        lastAndLength: Substring
    ) throws(RangeError) -> Bounds {
        let (start, end) = try parse("range", range, use: Self.rangeForms) { () throws(IPSyntaxError) in
            (
                try IPAddress(first, syntax: .leadingZeros),
                try InterfaceAddress(lastAndLength, syntax: .leadingZeros)
            )
        }
        guard end.prefix.contains(start) else {
            let reason = "starts outside of \(end.prefix), the network of its end; use two addresses of one network"
            throw RangeError(key: "range", value: range, reason: reason)
        }
        guard start <= end.address else {
            let reason = "ends before it starts; use \(end.address)-\(start)/\(end.prefixLength)"
            throw RangeError(key: "range", value: range, reason: reason)
        }
        return (end.prefix, start, end.address)
    }

    private func bound(_ key: String, _ value: String?, syntax: IPSyntax) throws(RangeError) -> IPAddress? {
        guard let value else { return nil }
        return try parse(key, value, use: Self.boundForms) { () throws(IPSyntaxError) in
            try IPAddress(value, syntax: syntax)
        }
    }

    // MARK: Includes and excludes

    private func entries(_ key: String, _ texts: [String]) throws(RangeError) -> [IPRange] {
        var ranges: [IPRange] = []
        for (index, text) in texts.enumerated() {
            ranges.append(try entry("\(key)[\(index)]", text))
        }
        return ranges
    }

    private func entry(_ key: String, _ entry: String) throws(RangeError) -> IPRange {
        let (first, last) = try parse(key, entry, use: Self.entryForms) { () throws(IPSyntaxError) in
            if let dash = entry.firstIndex(of: "-") {
                return (try IPAddress(entry[..<dash]), try IPAddress(entry[entry.index(after: dash)...]))
            }
            if entry.contains("/") {
                let prefix = try IPPrefix(entry)
                return (prefix.first, prefix.last)
            }
            let address = try IPAddress(entry)
            return (address, address)
        }
        guard let range = IPRange(first, last) else {
            let reason = "is not in ascending order within one family; use the lower address first"
            throw RangeError(key: key, value: entry, reason: reason)
        }
        return range
    }

    // MARK: Errors

    private static let rangeForms = "use a CIDR such as 192.168.2.0/24, or 192.168.2.10-192.168.2.20/24"
    private static let boundForms = "use an address of the range, such as 192.168.2.10"
    private static let entryForms = "use a CIDR such as 192.168.2.0/28, an address, or 192.168.2.10-192.168.2.20"

    /// Returns what `body` reads from a value, or blames the value of the key for what it throws.
    private func parse<Value>(
        _ key: String,
        _ value: String,
        use remedy: String,
        _ body: () throws(IPSyntaxError) -> Value
    ) throws(RangeError) -> Value {
        do throws(IPSyntaxError) {
            return try body()
        } catch {
            throw RangeError(key: key, value: value, cause: error, remedy: remedy)
        }
    }
}
