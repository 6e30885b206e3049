internal import CNI
internal import IPAM
internal import IPTypes

extension IPAMConfiguration {
    /// What an operator may want to know of ranges that can be used, and may not do what was meant.
    ///
    /// - Parameters:
    ///   - groups: The ranges.
    ///   - gateway: The one for all.
    ///   - routes: The routes of the result.
    ///   - mainPlugin: The plugin that gets the result.
    ///   - sharedKeys: The top-level keys whose values are the flat file's, in lower case.
    /// - Returns: A line for each.
    static func notes(
        on groups: [[ConfiguredRange]],
        gateway: IPAddress?,
        routes: [CNIResult.Route],
        mainPlugin: MainPlugin,
        sharedKeys: Set<String>
    ) -> [String] {
        let ranges = groups.flatMap(\.self)
        return ranges.flatMap(\.pool.ignoredBounds)
            + ranges.flatMap { range in
                range.keysWithoutEffect.filter { key, _ in
                    // What the flat file has serves other networks.
                    !range.path.isEmpty || !sharedKeys.contains(String(key.prefix { $0 != "[" }))
                }.map { "\(range.path)\($0): \($1)" }
            }
            + groups.compactMap(mixedFamilies)
            + groups.compactMap { sharedGateway($0, gateway) }
            + unreachableGateways(ranges, gateway, routes, mainPlugin)
            + (mainPlugin.isBridgeGateway ? ranges.compactMap(bridgeAddress) : [])
    }

    private static func mixedFamilies(_ group: [ConfiguredRange]) -> String? {
        guard Set(group.map(\.pool.family)).count > 1 else { return nil }
        return "\(entry(of: group)).ranges has both families, and a pod gets an address of one of them; "
            + "for one of each write two entries"
    }

    /// The path of the entry of `ipRanges` that a group stands in.
    private static func entry(of group: [ConfiguredRange]) -> String {
        group.first?.path.split(separator: ".").first.map(String.init) ?? ""
    }

    /// Networks of one group seldom have one gateway.
    private static func sharedGateway(_ group: [ConfiguredRange], _ gateway: IPAddress?) -> String? {
        guard let gateway else { return nil }
        var networks: [IPPrefix] = []
        for range in group where range.pool.gateway == gateway && !networks.contains(range.pool.range) {
            networks.append(range.pool.range)
        }
        guard networks.count > 1 else { return nil }
        let list = networks.map(\.description).joined(separator: ", ")
        return
            "\(entry(of: group)).ranges: the addresses of different networks (\(list)) all go with gateway \(gateway); "
            + "give each range its own gateway, unless that one serves them all"
    }

    /// A gateway that lies in no network is reached through no route but those of ptp, which makes one for it.
    private static func unreachableGateways(
        _ ranges: [ConfiguredRange],
        _ common: IPAddress?,
        _ routes: [CNIResult.Route],
        _ mainPlugin: MainPlugin
    ) -> [String] {
        guard mainPlugin.type != "ptp" else { return [] }
        var notes: [String] = []
        for range in ranges {
            guard let gateway = range.pool.gateway, !gateway.isLinkLocal else { continue }
            let isReachable =
                gateway == common
                ? ranges.contains { $0.pool.range.contains(gateway) } : range.pool.range.contains(gateway)
            let isNeeded = routes.contains { $0.gateway == nil && $0.destination.address.family == gateway.family }
            guard !isReachable, isNeeded else { continue }
            let key = gateway == common ? "gateway" : range.path + "gateway"
            let note =
                "\(key): \(gateway) lies outside of \(range.pool.range), and a route without gw goes through it; "
                + "the kernel takes such a route only where another one leads to the gateway"
            if !notes.contains(where: { $0.hasPrefix("\(key): ") }) {
                notes.append(note)
            }
        }
        return notes
    }

    /// Without a gateway a bridge that is to be one takes the first address of the network.
    private static func bridgeAddress(_ range: ConfiguredRange) -> String? {
        guard range.pool.gateway == nil, let first = range.pool.range.first.next,
            range.pool.allocatable.contains(first)
        else { return nil }
        return "\(range.key): the bridge is a gateway and takes \(first) for itself, which a pod may get too, because "
            + "\(range.pool.range) has no gateway; configure one"
    }
}

extension IPAddress {
    /// Whether every interface has a route to it (RFC 3927, RFC 4291 section 2.5.6).
    fileprivate var isLinkLocal: Bool {
        [IPPrefix.linkLocalV4, IPPrefix.linkLocalV6].contains { $0?.contains(self) == true }
    }
}

extension IPPrefix {
    fileprivate static let linkLocalV4 = try? IPPrefix("169.254.0.0/16")
    fileprivate static let linkLocalV6 = try? IPPrefix("fe80::/10")
}
