internal import IPAM
internal import IPTypes

/// A range of the configuration with the place where it stands.
struct ConfiguredRange {
    /// What stands before a key of the range in an error: empty at the top level, `ipRanges[1].ranges[0].` in a group.
    let path: String
    /// What it gives out.
    let pool: AddressPool
    /// The prefix length of the slices that it is divided into; nil where all nodes share it.
    let sliceLength: Int?
    /// Its keys that have no effect, each with the reason.
    let keysWithoutEffect: [(key: String, reason: String)]

    /// The path of the key that names the network.
    var key: String { path + "range" }

    /// Reads all ranges, those of which one serves together.
    ///
    /// No range gives out a gateway, be it another range's, nor one of the addresses beside.
    ///
    /// - Parameters:
    ///   - wire: The merged configuration.
    ///   - gateway: The one for ranges of its family that have none of their own.
    ///   - reserved: What is not given out either.
    /// - Returns: The groups in the order of the configuration, most of them of one range.
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    static func groups(
        _ wire: WireConfiguration,
        gateway: IPAddress?,
        beside reserved: [IPAddress]
    ) throws(ConfigurationError) -> [[ConfiguredRange]] {
        let drafts = try drafts(wire)
        let gateways = [gateway].compactMap(\.self) + drafts.flatMap { $0.compactMap(\.gateway) }
        var groups: [[ConfiguredRange]] = []
        for drafts in drafts {
            groups.append(
                try drafts.map { draft throws(ConfigurationError) in
                    try draft.range(gateway: gateway, sliceSize: wire.nodeSliceSize, reserved: gateways + reserved)
                }
            )
        }
        try checkOverlaps(groups.flatMap(\.self))
        let limit = IPAMConfiguration.rangeLimit
        guard groups.count <= limit else {
            let counted = wire.range.range == nil ? "ranges" : "ranges together with range"
            throw ConfigurationError(key: "ipRanges", reason: "has \(groups.count) \(counted); the limit is \(limit)")
        }
        guard !groups.isEmpty else {
            throw .missing(
                "range",
                remedy: "name the network to allocate from, for example 192.168.2.0/24, here or in ipRanges"
            )
        }
        return groups
    }

    private static func drafts(_ wire: WireConfiguration) throws(ConfigurationError) -> [[Draft]] {
        var groups: [[Draft]] = []
        // The top level is read with the tolerance for leading zeros that upstream has there, and only there.
        if wire.range.range != nil {
            groups.append([try Draft(wire.range, path: "", boundsSyntax: .leadingZeros)])
        }
        for (index, entry) in wire.ipRanges.enumerated() {
            let path = "ipRanges[\(index)]."
            guard !entry.ranges.isEmpty else {
                groups.append([try Draft(entry, path: path)])
                continue
            }
            if let key = entry.range != nil ? "range" : entry.firstKey {
                throw ConfigurationError(
                    key: path + key,
                    reason: "stands beside ranges; write it into one of them"
                )
            }
            var group: [Draft] = []
            for (number, range) in entry.ranges.enumerated() {
                group.append(try Draft(range, path: "\(path)ranges[\(number)]."))
            }
            groups.append(group)
        }
        return groups
    }

    private static func checkOverlaps(_ ranges: [ConfiguredRange]) throws(ConfigurationError) {
        for (index, second) in ranges.enumerated() {
            for first in ranges[..<index] {
                let shared = first.pool.allocatable.intersection(second.pool.allocatable)
                guard shared.isEmpty else {
                    throw ConfigurationError(
                        key: second.key,
                        value: second.pool.range.description,
                        reason: "overlaps \(first.key) (\(first.pool.range)) in \(shared); "
                            + "one interface can't have an address twice, so give each range its own addresses"
                    )
                }
            }
        }
    }
}

extension ConfiguredRange {
    /// A range whose own gateway alone is read, since it matters to the others.
    private struct Draft {
        let wire: WireConfiguration.Range
        let path: String
        let boundsSyntax: IPSyntax
        let gateway: IPAddress?

        init(
            _ wire: WireConfiguration.Range,
            path: String,
            boundsSyntax: IPSyntax = .strict
        ) throws(ConfigurationError) {
            self.wire = wire
            self.path = path
            self.boundsSyntax = boundsSyntax
            gateway = try wire.gateway.map { text throws(ConfigurationError) in
                try IPAMConfiguration.address(text, key: path + "gateway")
            }
        }

        func range(
            gateway common: IPAddress?,
            sliceSize: String?,
            reserved: [IPAddress]
        ) throws(ConfigurationError) -> ConfiguredRange {
            guard let text = wire.range else {
                throw .missing(path + "range", remedy: "write a network such as 192.168.2.0/24")
            }
            let specification = RangeSpecification(
                range: text,
                rangeStart: wire.rangeStart,
                rangeEnd: wire.rangeEnd,
                include: wire.include,
                exclude: wire.exclude
            )
            let network: IPPrefix
            do throws(RangeError) {
                network = try specification.network()
            } catch {
                throw ConfigurationError(error, below: path)
            }
            if let gateway, gateway.family != network.family {
                throw ConfigurationError(
                    key: path + "gateway",
                    value: gateway.description,
                    reason: "is no gateway for \(network), which is of the other family"
                )
            }
            let sliceLength = try self.sliceLength(wire.nodeSliceSize ?? sliceSize, of: network)
            do throws(RangeError) {
                let pool = try specification.pool(
                    excludingGateways: reserved,
                    gateway: gateway ?? (common?.family == network.family ? common : nil),
                    boundsSyntax: boundsSyntax
                )
                return ConfiguredRange(
                    path: path,
                    pool: pool,
                    sliceLength: sliceLength,
                    keysWithoutEffect: specification.keysWithoutEffect(in: network)
                )
            } catch {
                throw ConfigurationError(error, below: path)
            }
        }

        /// Reads a slice size, which with or without a slash is a prefix length of the range's family, and no shorter than the range's own.
        private func sliceLength(_ text: String?, of network: IPPrefix) throws(ConfigurationError) -> Int? {
            guard let text, text != "none" else { return nil }
            let lengths = network.length...network.family.bitWidth
            let digits = text.hasPrefix("/") ? text.dropFirst() : text[...]
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(digits),
                lengths.contains(length)
            else {
                let others = path.isEmpty ? "" : ", or none in this entry of ipRanges"
                throw ConfigurationError(
                    key: (wire.nodeSliceSize == nil ? "" : path) + "node_slice_size",
                    value: text,
                    reason:
                        "must be the prefix length of a part of \(network), /\(lengths.lowerBound) to /\(lengths.upperBound)\(others)"
                )
            }
            return length
        }
    }
}
