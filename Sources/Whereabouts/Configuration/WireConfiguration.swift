internal import CNI
internal import EtcdClient
internal import JSON

/// The `ipam` object as users write it, in the network configuration or in the flat file, which have the same keys.
///
/// Types are checked here, meanings in `IPAMConfiguration`. A key that is absent, null, or has its type's zero value (the
/// empty text, list or object, 0 or false) counts as not given, as it does in upstream's merge of the two places.
struct WireConfiguration {
    struct Range: Hashable {
        var range: String?
        var rangeStart: String?
        var rangeEnd: String?
        var include: [String] = []
        var exclude: [String] = []
        /// In `ipRanges`, the gateway of this range alone.
        var gateway: String?
        /// In `ipRanges`, the slice size of this range alone.
        var nodeSliceSize: String?
        /// In `ipRanges`, the ranges of which the first one with an address left serves.
        var ranges: [Range] = []

        /// A key that is given and means nothing without `range`.
        var firstKey: String? {
            if rangeStart != nil { return "range_start" }
            if rangeEnd != nil { return "range_end" }
            if !include.isEmpty { return "include" }
            if !exclude.isEmpty { return "exclude" }
            if gateway != nil { return "gateway" }
            return nodeSliceSize == nil ? nil : "node_slice_size"
        }
    }

    struct StaticAddress: Hashable {
        var address: String?
        var gateway: String?
    }

    var type: String?
    /// The top-level `range` with its start, end and exclusions.
    var range = Range()
    var ipRanges: [Range] = []
    var gateway: String?
    var routes: [JSONValue] = []
    var dns = CNIResult.DNS()
    var addresses: [StaticAddress] = []
    var datastore: String?
    var etcdHost: String?
    var etcdUsername: String?
    var etcdPassword: Secret?
    var etcdKeyFile: String?
    var etcdCertFile: String?
    var etcdCACertFile: String?
    var etcdTokenCache: String?
    var kubeconfig: String?
    var kubernetesAPIGroup: String?
    var kubernetesAPIRoot: String?
    var configurationPath: String?
    var logFile: String?
    var logLevel: String?
    var enableOverlappingRanges: Bool?
    var networkName: String?
    var allocationStrategy: String?
    var reuseDelay: Int64?
    var retain: Int64?
    var nodeSliceSize: String?
    var leaderLeaseDuration: Int64?
    var leaderRenewDeadline: Int64?
    var leaderRetryPeriod: Int64?
    var sleepForRace: Int64?
    var reconcilerCronExpression: String?
    var releaseJournal: String?
    var addTimeout: Int64?
    var deleteTimeout: Int64?

    /// The keys that were given and that nobody knows, for the log.
    private(set) var unknownKeys: [String] = []

    /// Reads an `ipam` object.
    ///
    /// - Throws: `ConfigurationError` when it is no object, or a known key's value has the wrong type.
    init(_ json: JSONValue) throws(ConfigurationError) {
        guard case .object = json else {
            throw ConfigurationError(key: "ipam", reason: "must be an object, and is \(json.kind)")
        }
        let reader = ObjectReader(json)
        type = try reader.string("type")
        range = try Self.range(reader)
        ipRanges = try reader.objects("ipRanges").map { entry throws(ConfigurationError) in try Self.entry(entry) }
        gateway = try reader.string("gateway")
        routes = try reader.array("routes")
        if let dns = try reader.object("dns") {
            self.dns = try Self.dns(dns)
        }
        addresses = try reader.objects("addresses").map { entry throws(ConfigurationError) in
            StaticAddress(address: try entry.string("address"), gateway: try entry.string("gateway"))
        }
        datastore = try reader.string("datastore")
        etcdHost = try reader.stringOrStrings("etcd_host")
        etcdUsername = try reader.string("etcd_username")
        etcdPassword = try reader.secret("etcd_password")
        etcdKeyFile = try reader.string("etcd_key_file")
        etcdCertFile = try reader.string("etcd_cert_file")
        etcdCACertFile = try reader.string("etcd_ca_cert_file")
        etcdTokenCache = try reader.string("etcd_token_cache")
        if let kubernetes = try reader.object("kubernetes") {
            kubeconfig = try kubernetes.string("kubeconfig")
            kubernetesAPIGroup = try kubernetes.string("api_group")
            kubernetesAPIRoot = try kubernetes.string("k8s_api_root")
        }
        configurationPath = try reader.string("configuration_path")
        logFile = try reader.string("log_file")
        logLevel = try reader.string("log_level")
        enableOverlappingRanges = try reader.bool("enable_overlapping_ranges")
        networkName = try reader.string("network_name")
        allocationStrategy = try reader.string("allocation_strategy")
        reuseDelay = try reader.integer("reuse_delay")
        retain = try reader.integer("retain")
        nodeSliceSize = try reader.string("node_slice_size")
        leaderLeaseDuration = try reader.integer("leader_lease_duration")
        leaderRenewDeadline = try reader.integer("leader_renew_deadline")
        leaderRetryPeriod = try reader.integer("leader_retry_period")
        sleepForRace = try reader.integer("sleep_for_race")
        reconcilerCronExpression = try reader.string("reconciler_cron_expression")
        releaseJournal = try reader.string("release_journal")
        addTimeout = try reader.integer("add_timeout")
        deleteTimeout = try reader.integer("del_timeout")
        unknownKeys = Self.unknownKeys(in: json)
    }

    /// Reads an entry of `ipRanges`: a range, or several in `ranges`, each as an object or as the text of its `range`.
    private static func entry(_ reader: ObjectReader) throws(ConfigurationError) -> Range {
        var entry = try nestedRange(reader)
        entry.ranges = try reader.objectsOrTexts("ranges").map { element throws(ConfigurationError) in
            switch element {
            case .text(let text): return Range(range: text)
            case .object(let reader): return try nestedRange(reader)
            }
        }
        return entry
    }

    /// Reads a range of `ipRanges`, which has a gateway and a slice size of its own, while those at the top level are everybody's.
    private static func nestedRange(_ reader: ObjectReader) throws(ConfigurationError) -> Range {
        var range = try range(reader)
        range.gateway = try reader.string("gateway")
        range.nodeSliceSize = try reader.string("node_slice_size")
        return range
    }

    private static func range(_ reader: ObjectReader) throws(ConfigurationError) -> Range {
        Range(
            range: try reader.string("range"),
            rangeStart: try reader.string("range_start"),
            rangeEnd: try reader.string("range_end"),
            include: try reader.strings("include"),
            exclude: try reader.strings("exclude")
        )
    }

    /// Reads `dns` (CNI spec section 5, "dns").
    private static func dns(_ reader: ObjectReader) throws(ConfigurationError) -> CNIResult.DNS {
        CNIResult.DNS(
            nameservers: try reader.strings("nameservers"),
            domain: try reader.string("domain") ?? "",
            search: try reader.strings("search"),
            options: try reader.strings("options")
        )
    }

    /// Fills what is not given here from the flat file.
    ///
    /// Lists are taken whole, never joined; objects are filled member by member.
    mutating func merge(flatFile: WireConfiguration) {
        range.range = range.range ?? flatFile.range.range
        range.rangeStart = range.rangeStart ?? flatFile.range.rangeStart
        range.rangeEnd = range.rangeEnd ?? flatFile.range.rangeEnd
        range.include = range.include.isEmpty ? flatFile.range.include : range.include
        range.exclude = range.exclude.isEmpty ? flatFile.range.exclude : range.exclude
        ipRanges = ipRanges.isEmpty ? flatFile.ipRanges : ipRanges
        gateway = gateway ?? flatFile.gateway
        routes = routes.isEmpty ? flatFile.routes : routes
        dns.nameservers = dns.nameservers.isEmpty ? flatFile.dns.nameservers : dns.nameservers
        dns.domain = dns.domain.isEmpty ? flatFile.dns.domain : dns.domain
        dns.search = dns.search.isEmpty ? flatFile.dns.search : dns.search
        dns.options = dns.options.isEmpty ? flatFile.dns.options : dns.options
        addresses = addresses.isEmpty ? flatFile.addresses : addresses
        datastore = datastore ?? flatFile.datastore
        etcdHost = etcdHost ?? flatFile.etcdHost
        etcdUsername = etcdUsername ?? flatFile.etcdUsername
        etcdPassword = etcdPassword ?? flatFile.etcdPassword
        etcdKeyFile = etcdKeyFile ?? flatFile.etcdKeyFile
        etcdCertFile = etcdCertFile ?? flatFile.etcdCertFile
        etcdCACertFile = etcdCACertFile ?? flatFile.etcdCACertFile
        etcdTokenCache = etcdTokenCache ?? flatFile.etcdTokenCache
        kubeconfig = kubeconfig ?? flatFile.kubeconfig
        kubernetesAPIGroup = kubernetesAPIGroup ?? flatFile.kubernetesAPIGroup
        kubernetesAPIRoot = kubernetesAPIRoot ?? flatFile.kubernetesAPIRoot
        configurationPath = configurationPath ?? flatFile.configurationPath
        logFile = logFile ?? flatFile.logFile
        logLevel = logLevel ?? flatFile.logLevel
        enableOverlappingRanges = enableOverlappingRanges ?? flatFile.enableOverlappingRanges
        networkName = networkName ?? flatFile.networkName
        allocationStrategy = allocationStrategy ?? flatFile.allocationStrategy
        reuseDelay = reuseDelay ?? flatFile.reuseDelay
        retain = retain ?? flatFile.retain
        nodeSliceSize = nodeSliceSize ?? flatFile.nodeSliceSize
        leaderLeaseDuration = leaderLeaseDuration ?? flatFile.leaderLeaseDuration
        leaderRenewDeadline = leaderRenewDeadline ?? flatFile.leaderRenewDeadline
        leaderRetryPeriod = leaderRetryPeriod ?? flatFile.leaderRetryPeriod
        sleepForRace = sleepForRace ?? flatFile.sleepForRace
        reconcilerCronExpression = reconcilerCronExpression ?? flatFile.reconcilerCronExpression
        releaseJournal = releaseJournal ?? flatFile.releaseJournal
        addTimeout = addTimeout ?? flatFile.addTimeout
        deleteTimeout = deleteTimeout ?? flatFile.deleteTimeout
        unknownKeys += flatFile.unknownKeys.map { "\($0) (flat file)" }
    }
}
