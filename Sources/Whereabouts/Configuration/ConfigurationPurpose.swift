internal import CNI
internal import JSON

/// What a configuration is read for, which decides what must be right in it.
enum ConfigurationPurpose {
    /// Giving addresses out, and telling whether that could be done: everything counts.
    case allocation
    /// Taking them back: only the datastore counts, and how to release there.
    case release
    /// The same where the ranges tell in which objects the addresses are.
    case releaseFromRanges

    /// The keys that count for a release, in lower case.
    private static let releaseKeys: Set<String> = [
        "type", "datastore", "etcd_host", "etcd_username", "etcd_password", "etcd_key_file", "etcd_cert_file",
        "etcd_ca_cert_file", "etcd_token_cache", "kubernetes", "configuration_path", "network_name", "retain",
        "release_journal",
        "del_timeout",
    ]
    /// The keys that count beside them for a release from ranges.
    private static let rangeKeys: Set<String> = [
        "range", "range_start", "range_end", "include", "exclude", "ipranges", "enable_overlapping_ranges",
        "node_slice_size",
    ]

    /// The object with those of its members that count.
    func part(of object: JSONValue) -> JSONValue {
        guard self != .allocation, case .object(let members) = object else { return object }
        return .object(
            members.filter { key, value in
                let key = key.lowercased()
                return (Self.releaseKeys.contains(key) || self == .releaseFromRanges && Self.rangeKeys.contains(key))
                    && (key != "kubernetes" || Self.isUsable(kubernetes: value))
            }
        )
    }

    /// Whether the object `kubernetes` can be read; with an etcd it need not be.
    private static func isUsable(kubernetes value: JSONValue) -> Bool {
        guard case .object = value else { return false }
        return ["kubeconfig", "api_group", "k8s_api_root"].allSatisfy { key in
            switch value.member(key) {
            case nil, .null, .string: true
            default: false
            }
        }
    }
}
