internal import CNI
internal import EtcdClient
internal import FoundationEssentials
internal import IPAM
internal import IPTypes
internal import Logging

/// A configuration as the plugin understands it, to be printed: keys are those of the configuration where there is one for
/// the value, and no secret is among the values.
struct EffectiveConfiguration: Encodable {
    struct Range: Encodable {
        let range: String
        let first: String
        let last: String
        /// How many addresses can be given out.
        let capacity: UInt128
        /// What lies between first and last and is not given out.
        let exclude: [String]
        /// What goes with the addresses; nil for none.
        let gateway: String?
        /// The realm in which the addresses have one owner.
        let domain: String
        /// What serves in its place when it is full; nil for a range that stands alone.
        let fallbacks: [Range]?
    }

    /// How addresses are chosen, times in seconds.
    struct Choice: Encodable {
        let strategy: String
        let reuseDelay: Int64
        let retention: Int64

        private enum CodingKeys: String, CodingKey {
            case strategy = "allocation_strategy"
            case reuseDelay = "reuse_delay"
            case retention = "retain"
        }
    }

    struct StaticAddress: Encodable {
        let address: String
        let gateway: String?
    }

    struct Route: Encodable {
        let dst: String
        let gw: String?
        let mtu: Int?
        let advmss: Int?
        let priority: Int?
        let table: Int?
        let scope: Int?
    }

    struct DNS: Encodable {
        let nameservers: [String]
        let domain: String
        let search: [String]
        let options: [String]
    }

    struct Etcd: Encodable {
        let host: [String]
        let tls: Bool
        let caFile: String?
        let certificateFile: String?
        let keyFile: String?
        let username: String?
        let password: String?
        let tokenCache: String

        private enum CodingKeys: String, CodingKey {
            case tls
            case host = "etcd_host"
            case caFile = "etcd_ca_cert_file"
            case certificateFile = "etcd_cert_file"
            case keyFile = "etcd_key_file"
            case username = "etcd_username"
            case password = "etcd_password"
            case tokenCache = "etcd_token_cache"
        }
    }

    /// Times in seconds.
    struct Limits: Encodable {
        let add: Int64
        let delete: Int64
        var check = IPAMPlugin.TimeLimit.check.components.seconds
        var status = IPAMPlugin.TimeLimit.status.components.seconds
        /// `sleep_for_race`.
        let raceDelay: Int64

        init(_ configuration: IPAMConfiguration) {
            add = configuration.addTimeout.components.seconds
            delete = configuration.deleteTimeout.components.seconds
            raceDelay = configuration.policy.raceDelay.components.seconds
        }
    }

    struct Log: Encodable {
        let file: String?
        let level: String?

        private enum CodingKeys: String, CodingKey {
            case file = "log_file"
            case level = "log_level"
        }
    }

    /// What the flat file gives.
    struct Shared: Encodable {
        let path: String
        let keys: [String]
    }

    let name: String
    let cniVersion: String
    let type: String?
    let index: Int?
    let flatFile: Shared?
    let node: String
    let ranges: [Range]
    let gateway: String?
    let addresses: [StaticAddress]
    let routes: [Route]
    let dns: DNS
    let etcd: Etcd
    let choice: Choice
    let releaseJournal: String
    let limits: Limits
    let log: Log
    let notes: [String]

    /// Takes over a checked configuration.
    ///
    /// - Parameters:
    ///   - resolved: The configuration.
    ///   - invocation: The call that it is of.
    ///   - index: Its place in a list.
    ///   - notes: What is to be noted beside.
    init(_ resolved: ResolvedConfiguration, of invocation: CNIInvocation, index: Int?, notes: [String] = []) {
        let configuration = resolved.configuration
        name = configuration.network
        cniVersion = invocation.version.rawValue
        if case .string(let type) = invocation.configuration.member("type") {
            self.type = type
        } else {
            type = nil
        }
        self.index = index
        flatFile = resolved.flatFile.map { Shared(path: $0.path, keys: $0.spelledKeys) }
        node = configuration.node
        ranges = configuration.demands.map(Range.init)
        gateway = configuration.gateway?.description
        addresses = configuration.staticAddresses.map {
            StaticAddress(address: $0.address.description, gateway: $0.gateway?.description)
        }
        routes = configuration.routes.map(Route.init)
        dns = DNS(configuration.dns)
        etcd = Etcd(configuration.etcd)
        log = Log(configuration.log)
        limits = Limits(configuration)
        choice = Choice(
            strategy: configuration.policy.strategy.rawValue,
            reuseDelay: configuration.policy.reuseDelay,
            retention: configuration.policy.retention
        )
        releaseJournal = configuration.releaseJournal?.directory ?? "none"
        self.notes = configuration.notes + notes
    }

    /// Configurations as JSON for people, with a line break at its end.
    static func json(_ configurations: [EffectiveConfiguration]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let object = ["plugins": configurations]
        // Texts, whole numbers and lists of them always encode.
        guard let json = try? encoder.encode(object) else { return [] }
        return [UInt8](json) + Array("\n".utf8)
    }
}

extension EffectiveConfiguration.Range {
    fileprivate init(_ demand: AllocationRequest.Demand) {
        let pool = demand.pool
        range = pool.range.description
        first = pool.bounds.first.description
        last = pool.bounds.last.description
        capacity = pool.capacity
        exclude = IPRangeSet([pool.bounds]).subtracting(pool.allocatable).ranges.map(\.description)
        gateway = pool.gateway?.description
        domain = demand.domain.description
        fallbacks = demand.fallbacks.isEmpty ? nil : demand.fallbacks.map(Self.init)
    }
}

extension EffectiveConfiguration.Route {
    fileprivate init(_ route: CNIResult.Route) {
        dst = route.destination.description
        gw = route.gateway?.description
        mtu = route.mtu
        advmss = route.advertisedMSS
        priority = route.priority
        table = route.table
        scope = route.scope
    }
}

extension EffectiveConfiguration.DNS {
    fileprivate init(_ dns: CNIResult.DNS) {
        nameservers = dns.nameservers
        domain = dns.domain
        search = dns.search
        options = dns.options
    }
}

extension EffectiveConfiguration.Etcd {
    /// What stands in place of a secret, whatever its length.
    private static let mask = "********"

    fileprivate init(_ etcd: EtcdConfiguration) {
        host = etcd.endpoints.map(\.description)
        tls = etcd.speaksTLS
        caFile = etcd.tls.caFile
        certificateFile = etcd.tls.certificateFile
        keyFile = etcd.tls.keyFile
        username = etcd.user?.name
        password = etcd.user == nil ? nil : Self.mask
        tokenCache = etcd.tokenCache?.directory ?? "none"
    }
}

extension EffectiveConfiguration.Log {
    fileprivate init(_ log: LogSettings) {
        file = log.file
        // With a file alone everything is logged.
        let counting = log.level ?? (log.file == nil ? nil : .debug)
        level = LogSettings.levels.first { $0.value == counting }?.key
    }
}
