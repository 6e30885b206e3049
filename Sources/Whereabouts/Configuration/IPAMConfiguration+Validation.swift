internal import CNI
internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import Logging

extension IPAMConfiguration {
    /// The range limit of a network, from the operations that one etcd transaction may have.
    static let rangeLimit = EtcdDatastore.demandLimit

    /// Checks a merged configuration.
    ///
    /// - Parameters:
    ///   - wire: The network's `ipam` object, filled up from the flat file.
    ///   - network: The name of the network configuration.
    ///   - version: The version of the result, which may not be able to hold several addresses of a family.
    ///   - arguments: What CNI_ARGS says.
    ///   - requested: The addresses that the runtime asks for.
    ///   - node: This node's name.
    ///   - notes: What is to be logged beside what is found here.
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    init(
        _ wire: WireConfiguration,
        network: String,
        version: CNIVersion,
        arguments: CNIArguments,
        requested: RequestedAddresses = RequestedAddresses(),
        node: String,
        notes: [String]
    ) throws(ConfigurationError) {
        self.network = network
        self.node = node
        log = try Self.log(wire)
        try Self.checkDatastore(wire)
        etcd = try EtcdConfiguration(wire)
        addTimeout = try Self.timeout(wire.addTimeout, key: "add_timeout", default: 120)
        deleteTimeout = try Self.timeout(wire.deleteTimeout, key: "del_timeout", default: 60)
        releaseJournal = try Self.releaseJournal(wire)

        gateway = try wire.gateway.map { text throws(ConfigurationError) in try Self.address(text, key: "gateway") }
        policy = try AllocationPolicy(wire)
        let fixed = try Self.staticAddresses(wire)
        let groups = try Self.pools(wire, reserved: [gateway].compactMap { $0 } + fixed.map(\.address.address))
        let pools = groups.flatMap { $0 }
        var demands = groups.map { group in
            let choices = group.map { pool in
                let isConfined = wire.enableOverlappingRanges == false
                let domain = AllocationDomain(networkName: wire.networkName ?? "", range: isConfined ? pool.range : nil)
                return AllocationRequest.Demand(domain: domain, pool: pool)
            }
            return AllocationRequest.Demand(
                domain: choices[0].domain,
                pool: choices[0].pool,
                fallbacks: Array(choices.dropFirst())
            )
        }
        let outside = try requested.take(into: &demands, gateway: gateway, beside: fixed)
        self.demands = demands
        staticAddresses = try Self.withGateways(fixed + outside, arguments)
        routes = try Self.routes(wire.routes)
        dns = wire.dns
        self.notes =
            notes + pools.flatMap(\.ignoredBounds)
            + (etcd.sendsPasswordInClearText
                ? ["etcd_password crosses the network in clear text; configure TLS with etcd_ca_cert_file"] : [])
            + (wire.unknownKeys.isEmpty ? [] : ["unknown keys: \(wire.unknownKeys.joined(separator: ", "))"])

        if version <= .v020 {
            let families =
                groups.flatMap { Set($0.map(\.family)) } + staticAddresses.map(\.address.address.family)
            for family in IPFamily.allCases where families.count(where: { $0 == family }) > 1 {
                throw ConfigurationError(
                    key: "cniVersion",
                    value: version.rawValue,
                    reason: "does not support more than 1 address per family; use 0.3.0 or later, or fewer ranges"
                )
            }
        }
    }

    private static func log(_ wire: WireConfiguration) throws(ConfigurationError) -> LogSettings {
        guard let name = wire.logLevel else { return LogSettings(file: wire.logFile, level: nil) }
        guard let level = LogSettings.levels[name.lowercased()] else {
            throw ConfigurationError(key: "log_level", value: name, reason: "must be debug, verbose, error or panic")
        }
        return LogSettings(file: wire.logFile, level: level)
    }

    private static func checkDatastore(_ wire: WireConfiguration) throws(ConfigurationError) {
        let datastore = wire.datastore ?? "etcd"
        guard datastore == "etcd" else {
            throw ConfigurationError(
                key: "datastore",
                value: datastore,
                reason: datastore == "kubernetes"
                    ? "is not in this release; use etcd, or leave the key out" : "must be etcd"
            )
        }
    }

    private static func pools(
        _ wire: WireConfiguration,
        reserved: [IPAddress]
    ) throws(ConfigurationError) -> [[AddressPool]] {
        var groups: [[AddressPool]] = []
        var paths: [String] = []
        // The top level is read with the tolerance for leading zeros that upstream has there, and only there.
        if wire.range.range != nil {
            groups.append([try pool(wire.range, path: "", boundsSyntax: .leadingZeros, reserved: reserved)])
            paths.append("range")
        }
        for (index, entry) in wire.ipRanges.enumerated() {
            let path = "ipRanges[\(index)]."
            guard !entry.ranges.isEmpty else {
                groups.append([try pool(entry, path: path, boundsSyntax: .strict, reserved: reserved)])
                paths.append(path + "range")
                continue
            }
            if let key = entry.range != nil ? "range" : entry.firstKey {
                throw ConfigurationError(
                    key: path + key,
                    reason: "stands beside ranges; write it into one of them"
                )
            }
            var group: [AddressPool] = []
            for (number, range) in entry.ranges.enumerated() {
                let path = "\(path)ranges[\(number)]."
                group.append(try pool(range, path: path, boundsSyntax: .strict, reserved: reserved))
                paths.append(path + "range")
            }
            groups.append(group)
        }
        let pools = groups.flatMap { $0 }
        for second in pools.indices {
            for first in 0..<second {
                let shared = pools[first].allocatable.intersection(pools[second].allocatable)
                guard shared.isEmpty else {
                    throw ConfigurationError(
                        key: paths[second],
                        value: pools[second].range.description,
                        reason: "overlaps \(paths[first]) (\(pools[first].range)) in \(shared); "
                            + "one interface can't have an address twice, so give each range its own addresses"
                    )
                }
            }
        }
        guard groups.count <= rangeLimit else {
            throw ConfigurationError(key: "ipRanges", reason: "has \(groups.count) ranges; the limit is \(rangeLimit)")
        }
        guard !pools.isEmpty else {
            throw ConfigurationError(
                key: "range",
                reason: "is missing; name the network to allocate from, for example 192.168.2.0/24, here or in ipRanges"
            )
        }
        return groups
    }

    private static func pool(
        _ range: WireConfiguration.Range,
        path: String,
        boundsSyntax: IPSyntax,
        reserved: [IPAddress]
    ) throws(ConfigurationError) -> AddressPool {
        guard let text = range.range else {
            throw ConfigurationError(key: path + "range", reason: "is missing; write a network such as 192.168.2.0/24")
        }
        let specification = RangeSpecification(
            range: text,
            rangeStart: range.rangeStart,
            rangeEnd: range.rangeEnd,
            include: range.include,
            exclude: range.exclude
        )
        do throws(RangeError) {
            return try specification.pool(excludingGateways: reserved, boundsSyntax: boundsSyntax)
        } catch {
            throw ConfigurationError(error, below: path)
        }
    }

    private static func staticAddresses(_ wire: WireConfiguration) throws(ConfigurationError) -> [StaticAddress] {
        var addresses: [StaticAddress] = []
        for (index, entry) in wire.addresses.enumerated() {
            let key = "addresses[\(index)]"
            guard let text = entry.address else {
                throw ConfigurationError(key: key + ".address", reason: "is missing; write it as 10.0.0.5/24")
            }
            let address = try interfaceAddress(text, key: key + ".address")
            let gateway = try entry.gateway.map { gateway throws(ConfigurationError) in
                try Self.address(gateway, key: key + ".gateway")
            }
            if let first = addresses.firstIndex(where: { $0.address.address == address.address }) {
                throw ConfigurationError(
                    key: key + ".address",
                    value: text,
                    reason: "repeats addresses[\(first)].address; one interface can't have an address twice"
                )
            }
            addresses.append(StaticAddress(address: address, gateway: gateway))
        }
        return addresses
    }

    /// Static addresses with the gateways of CNI_ARGS: one or several, each for those in whose network it lies.
    private static func withGateways(
        _ addresses: [StaticAddress],
        _ arguments: CNIArguments
    ) throws(ConfigurationError) -> [StaticAddress] {
        var addresses = addresses
        for text in RequestedAddresses.parts(arguments.gateway) {
            let gateway = try address(text, key: "CNI_ARGS GATEWAY")
            for index in addresses.indices where addresses[index].address.prefix.contains(gateway) {
                addresses[index].gateway = gateway
            }
        }
        return addresses
    }

    static func interfaceAddress(_ text: String, key: String) throws(ConfigurationError) -> InterfaceAddress {
        do throws(IPSyntaxError) {
            return try InterfaceAddress(text, syntax: .leadingZeros)
        } catch {
            throw ConfigurationError(
                key: key,
                value: text,
                reason: "is no address with a prefix length (\(error.reason)); write it as 10.0.0.5/24"
            )
        }
    }

    static func address(_ text: String, key: String) throws(ConfigurationError) -> IPAddress {
        do throws(IPSyntaxError) {
            return try IPAddress(text, syntax: .leadingZeros)
        } catch {
            throw ConfigurationError(
                key: key,
                value: text,
                reason: "is no IP address (\(error.reason)); write it as 10.0.0.1 or fd00::1"
            )
        }
    }
}
