internal import CNI
internal import JSON

/// What a configuration is read for, which decides what must be right in it.
enum ConfigurationPurpose {
    /// Giving addresses out, and telling whether that could be done: everything counts.
    case allocation
    /// Taking them back: only the datastore counts, and how to release there.
    case release

    /// The keys that count for a release, in lower case.
    private static let releaseKeys: Set<String> = [
        "type", "datastore", "etcd_host", "etcd_username", "etcd_password", "etcd_key_file", "etcd_cert_file",
        "etcd_ca_cert_file", "etcd_token_cache", "configuration_path", "network_name", "retain", "release_journal",
        "del_timeout",
    ]

    /// The object with those of its members that count.
    func part(of object: JSONValue) -> JSONValue {
        guard self == .release, case .object(let members) = object else { return object }
        return .object(members.filter { key, _ in Self.releaseKeys.contains(key.lowercased()) })
    }
}
