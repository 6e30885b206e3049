internal import CNI
internal import IPAM
internal import IPTypes
internal import JSON

/// The addresses that a runtime asks for: by the capability `ips`, by `args`, or by CNI_ARGS (CNI conventions, "Dynamic
/// configuration" and "IP addresses").
///
/// They are not joined: the first of these places that names any counts.
struct RequestedAddresses {
    /// Where they stand, for errors.
    private var keys: [String] = []
    private var texts: [String] = []

    /// Asks for none.
    init() {}

    /// Reads what the network configuration and CNI_ARGS say.
    ///
    /// - Throws: `ConfigurationError` for a list of something else than texts.
    init(_ configuration: JSONValue, _ arguments: CNIArguments) throws(ConfigurationError) {
        let reader = ObjectReader(configuration)
        let places = [
            try reader.object("runtimeConfig"),
            try reader.object("args")?.object("cni"),
        ]
        for (place, key) in zip(places, ["runtimeConfig.ips", "args.cni.ips"]) {
            texts = try place?.strings("ips") ?? []
            keys = texts.indices.map { "\(key)[\($0)]" }
            guard texts.isEmpty else { return }
        }
        texts = Self.parts(arguments.ip)
        keys = texts.map { _ in "CNI_ARGS IP" }
    }

    /// The parts of a text between commas, without blanks.
    static func parts(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    }

    /// Has each demand ask for the address that lies in it, and returns the addresses that lie in none: static ones.
    ///
    /// What a range excludes does not lie in it.
    ///
    /// - Throws: `ConfigurationError` for an address that can't be had.
    func take(
        into demands: inout [AllocationRequest.Demand],
        gateways: [IPAddress],
        beside fixed: [IPAMConfiguration.StaticAddress]
    ) throws(ConfigurationError) -> [IPAMConfiguration.StaticAddress] {
        let ranges = demands
        var outside: [IPAMConfiguration.StaticAddress] = []
        for (key, text) in zip(keys, texts) {
            let address =
                text.contains("/")
                ? try IPAMConfiguration.interfaceAddress(text, key: key).address
                : try IPAMConfiguration.address(text, key: key)
            guard !gateways.contains(address) else {
                throw ConfigurationError(key: key, value: text, reason: "is the gateway; ask for another address")
            }
            if let index = ranges.firstIndex(where: { $0.requesting(address) != nil }),
                let demand = ranges[index].requesting(address)
            {
                if let other = demands[index].requested {
                    throw ConfigurationError(
                        key: key,
                        value: text,
                        reason:
                            "is asked for beside \(other), and an interface gets one address of a range or group of ranges"
                    )
                }
                demands[index] = demand
            } else {
                guard !(fixed + outside).contains(where: { $0.address.address == address }) else {
                    throw ConfigurationError(
                        key: key,
                        value: text,
                        reason: "repeats an address before it; one interface can't have an address twice"
                    )
                }
                try Self.check(address, ranges.flatMap(\.choices).map(\.pool), key: key, text: text)
                let address = try IPAMConfiguration.interfaceAddress(text, key: key)
                outside.append(IPAMConfiguration.StaticAddress(address: address, gateway: nil))
            }
        }
        return outside
    }

    /// Checks that an address which no range gives out may be a static one.
    private static func check(
        _ address: IPAddress,
        _ pools: [AddressPool],
        key: String,
        text: String
    ) throws(ConfigurationError) {
        func refuse(_ reason: String) -> ConfigurationError {
            ConfigurationError(key: key, value: text, reason: reason)
        }
        let found = pools.compactMap { pool in pool.obstacle(to: address).map { (pool: pool, obstacle: $0) } }
        if let (pool, obstacle) = found.first(where: { [.networkAddress, .lastAddress].contains($0.obstacle) }) {
            let which =
                obstacle == .networkAddress
                ? "network address" : pool.family == .ipv4 ? "broadcast address" : "last address"
            throw refuse("is the \(which) of \(pool.range), which nobody gets; ask for another address")
        }
        guard !text.contains("/") else { return }
        guard let (pool, obstacle) = found.first else {
            let length = address.family == .ipv4 ? 24 : 64
            throw refuse("lies in no range, so it needs a prefix length; write it as \(address)/\(length)")
        }
        let reason =
            switch obstacle {
            case .outOfBounds: "outside of \(pool.bounds), which the range gives out"
            case .notIncluded: "not among those that the range includes"
            case .networkAddress, .lastAddress, .excluded: "excluded there"
            }
        throw refuse(
            "lies in \(pool.range) and is \(reason); ask for another address, or, for a static one that is not recorded, "
                + "write it as \(address)/\(pool.range.length)"
        )
    }
}
