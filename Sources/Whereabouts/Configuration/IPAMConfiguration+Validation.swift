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
    ///   - purpose: What it is for; for a release it needs no range.
    ///   - network: The name of the network configuration.
    ///   - version: The version of the result, which may not be able to hold several addresses of a family.
    ///   - arguments: What CNI_ARGS says.
    ///   - requested: The addresses that the runtime asks for.
    ///   - node: This node's name.
    ///   - log: Where the log goes.
    ///   - mainPlugin: The plugin that gets the result.
    ///   - sharedKeys: The top-level keys whose values are the flat file's, in lower case.
    ///   - notes: What is to be logged beside what is found here.
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    init(
        _ wire: WireConfiguration,
        for purpose: ConfigurationPurpose = .allocation,
        network: String,
        version: CNIVersion,
        arguments: CNIArguments,
        requested: RequestedAddresses = RequestedAddresses(),
        node: String,
        log: LogSettings,
        mainPlugin: MainPlugin = MainPlugin(),
        sharedKeys: Set<String> = [],
        notes: [String]
    ) throws(ConfigurationError) {
        self.network = network
        self.node = node
        self.log = log
        store = try Self.store(wire, for: purpose)
        addTimeout = try Self.timeout(wire.addTimeout, key: "add_timeout", default: 120)
        deleteTimeout = try Self.timeout(wire.deleteTimeout, key: "del_timeout", default: 60)
        releaseJournal = try Self.releaseJournal(wire)

        gateway = try wire.gateway.map { text throws(ConfigurationError) in try Self.address(text, key: "gateway") }
        policy = try AllocationPolicy(wire)
        let fixed = try Self.staticAddresses(wire)
        let ranges =
            purpose == .release
            ? [] : try ConfiguredRange.groups(wire, gateway: gateway, beside: fixed.map(\.address.address))
        if node.isEmpty, let range = ranges.joined().first(where: { $0.sliceLength != nil }) {
            throw ConfigurationError(
                key: "node_slice_size",
                reason: "divides \(range.pool.range) among the nodes, and this one has no name; "
                    + "set NODENAME, or write the name into the file nodename beside the flat file"
            )
        }
        if case .kubernetes = store, wire.enableOverlappingRanges == false,
            let range = ranges.joined().first(where: { $0.sliceLength != nil })
        {
            throw ConfigurationError(
                key: "enable_overlapping_ranges",
                value: "false",
                reason:
                    "can't stand beside a node_slice_size (of \(range.pool.range)) with the kubernetes datastore, whose reservations alone "
                    + "keep an address in one slice; leave one of them out, or use etcd"
            )
        }
        let groups = ranges.map { $0.map(\.pool) }
        var demands = ranges.map { group in
            let choices = group.map { range in
                let isConfined = wire.enableOverlappingRanges == false
                let domain = AllocationDomain(
                    networkName: wire.networkName ?? "",
                    range: isConfined ? range.pool.range : nil
                )
                return AllocationRequest.Demand(domain: domain, pool: range.pool, sliceLength: range.sliceLength)
            }
            return AllocationRequest.Demand(
                domain: choices[0].domain,
                pool: choices[0].pool,
                fallbacks: Array(choices.dropFirst()),
                sliceLength: choices[0].sliceLength
            )
        }
        let gateways = [gateway].compactMap(\.self) + groups.flatMap { $0.compactMap(\.gateway) }
        let outside = try requested.take(into: &demands, gateways: gateways, beside: fixed)
        if case .kubernetes = store, purpose == .allocation { try Self.checkNames(demands) }
        self.demands = demands
        staticAddresses = try Self.withGateways(fixed + outside, arguments)
        routes = try Self.routes(wire.routes)
        dns = wire.dns
        self.notes =
            notes
            + Self.notes(
                on: ranges,
                gateway: gateway,
                routes: routes,
                mainPlugin: mainPlugin,
                sharedKeys: sharedKeys
            )
            + (log.isRelative ? ["log_file: \(log.file ?? "") is relative to wherever the runtime runs"] : [])
            + (store.etcd?.sendsPasswordInClearText ?? false
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

    private static func store(
        _ wire: WireConfiguration,
        for purpose: ConfigurationPurpose
    ) throws(ConfigurationError) -> StoreConfiguration {
        switch wire.datastore ?? "etcd" {
        case "etcd": return .etcd(try EtcdConfiguration(wire))
        case "kubernetes": return .kubernetes(try KubernetesConfiguration(wire, for: purpose))
        case let other: throw ConfigurationError(key: "datastore", value: other, reason: "must be etcd or kubernetes")
        }
    }

    /// Expects that the ranges can name objects.
    private static func checkNames(_ demands: [AllocationRequest.Demand]) throws(ConfigurationError) {
        for choice in demands.flatMap(\.choices) {
            do throws(DatastoreError) {
                _ = try ObjectNames.pool(choice.pool.range, networkName: choice.domain.networkName)
            } catch {
                let networkName = choice.domain.networkName
                throw ConfigurationError(
                    key: networkName.isEmpty ? "range" : "network_name",
                    value: networkName.isEmpty ? choice.pool.range.description : networkName,
                    reason: "can't be used with the kubernetes datastore: \(error)"
                )
            }
        }
    }

    private static func staticAddresses(_ wire: WireConfiguration) throws(ConfigurationError) -> [StaticAddress] {
        var addresses: [StaticAddress] = []
        for (index, entry) in wire.addresses.enumerated() {
            let key = "addresses[\(index)]"
            guard let text = entry.address else {
                throw .missing(key + ".address", remedy: "write it as 10.0.0.5/24")
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
