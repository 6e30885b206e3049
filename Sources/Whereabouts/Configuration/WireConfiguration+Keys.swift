internal import CNI
internal import JSON

extension WireConfiguration {
    /// The top-level keys in lower case.
    static let knownKeys: Set<String> = [
        "type", "range", "range_start", "range_end", "include", "exclude", "ipranges", "gateway", "routes", "dns",
        "addresses",
        "datastore", "etcd_host", "etcd_username", "etcd_password", "etcd_key_file", "etcd_cert_file",
        "etcd_ca_cert_file", "etcd_token_cache", "kubernetes", "configuration_path", "log_file", "log_level",
        "enable_overlapping_ranges", "network_name", "allocation_strategy", "reuse_delay", "retain",
        "node_slice_size", "leader_lease_duration",
        "leader_renew_deadline", "leader_retry_period", "sleep_for_race", "reconciler_cron_expression",
        "release_journal", "add_timeout", "del_timeout",
    ]

    /// The keys of an entry of `ipRanges` in lower case.
    static let knownRangeKeys: Set<String> = [
        "range", "range_start", "range_end", "include", "exclude", "gateway", "node_slice_size", "ranges",
    ]

    /// The keys of an object in `ranges` of such an entry.
    private static let nestedRangeKeys = knownRangeKeys.subtracting(["ranges"])

    /// The keys of the objects below a top-level key, which is one or a list of them, as it is written.
    private static let nestedKeys: [(key: String, known: Set<String>)] = [
        ("routes", ["dst", "gw", "mtu", "advmss", "priority", "table", "scope"]),
        ("dns", ["nameservers", "domain", "search", "options"]),
        ("addresses", ["address", "gateway"]),
        ("kubernetes", ["kubeconfig", "api_group", "k8s_api_root"]),
    ]

    /// The paths of the keys that nobody knows, whatever the values are.
    static func unknownKeys(in json: JSONValue) -> [String] {
        let ranges = objects(json.member("ipRanges"), at: "ipRanges")
        var unknown = unknown(json, knownKeys, at: "")
        for (range, path) in ranges {
            unknown += Self.unknown(range, knownRangeKeys, at: path + ".")
        }
        for (range, path) in ranges {
            for (nested, path) in objects(range.member("ranges"), at: path + ".ranges") {
                unknown += Self.unknown(nested, nestedRangeKeys, at: path + ".")
            }
        }
        for (key, known) in nestedKeys {
            for (object, path) in objects(json.member(key), at: key) {
                unknown += Self.unknown(object, known, at: path + ".")
            }
        }
        return unknown
    }

    /// The objects that a value is or holds, with their paths.
    private static func objects(_ value: JSONValue?, at path: String) -> [(JSONValue, String)] {
        switch value {
        case .some(.array(let elements)): elements.enumerated().map { ($0.element, "\(path)[\($0.offset)]") }
        case .some(let value): [(value, path)]
        case nil: []
        }
    }

    private static func unknown(_ object: JSONValue, _ known: Set<String>, at path: String) -> [String] {
        guard case .object(let members) = object else { return [] }
        return members.keys.filter { !known.contains($0.lowercased()) }.sorted().map { path + $0 }
    }
}
