/// What `CNI_ARGS` says: `KEY=VALUE` pairs separated by semicolons (CNI spec section 2, "Parameters").
///
/// An empty value counts as absent, and of equal keys the last counts.
public struct CNIArguments: Hashable, Sendable {
    /// The Kubernetes pod, or nil outside Kubernetes.
    public var podName: String?

    /// The namespace of the pod.
    public var podNamespace: String?

    /// The container which holds the pod's network namespace.
    public var podInfraContainerID: String?

    /// The unique ID of the pod, which a later pod of the same name does not share.
    public var podUID: String?

    /// Addresses to hand out beside those from the ranges, unparsed.
    public var ip: String?

    /// Gateways for `ip`, unparsed.
    public var gateway: String?

    /// Makes the arguments of an empty text.
    public init() {}
}

extension CNIArguments {
    /// Reads the text of the variable.
    ///
    /// A semicolon at its end is tolerated.
    ///
    /// - Throws: `CNIError` with code 4 if a pair has not exactly one equals sign, or if a key is unknown and
    ///   `IgnoreUnknown` is not `1` or `true`. It names keys, never values.
    public init(parsing text: String) throws(CNIError) {
        var values: [Key: String] = [:]
        var unknown: [String] = []

        // By scalar and not by character, which may be a separator fused with a combining accent.
        var pairs = text.unicodeScalars.split(separator: ";", omittingEmptySubsequences: false)
        if pairs.last?.isEmpty == true {
            pairs.removeLast()
        }
        for (index, pair) in pairs.enumerated() {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map { String($0) }
            guard parts.count == 2 else {
                // Without an equals sign it may as well be the rest of a value.
                let name = parts.count > 1 ? " (\(parts[0].debugDescription))" : ""
                throw CNIError(.invalidEnvironment, "CNI_ARGS: pair \(index + 1)\(name) must be KEY=VALUE")
            }
            if let key = Key(rawValue: parts[0]) {
                values[key] = parts[1].isEmpty ? nil : parts[1]
            } else {
                unknown.append(parts[0])
            }
        }

        let ignoresUnknown = try Self.flag(.ignoreUnknown, in: values)
        guard unknown.isEmpty || ignoresUnknown else {
            throw CNIError(
                .invalidEnvironment,
                "CNI_ARGS: unknown keys \(unknown)",
                details: "IgnoreUnknown=1 skips them"
            )
        }
        podName = values[.podName]
        podNamespace = values[.podNamespace]
        podInfraContainerID = values[.podInfraContainerID]
        podUID = values[.podUID]
        ip = values[.ip]
        gateway = values[.gateway]
    }

    private enum Key: String {
        case ignoreUnknown = "IgnoreUnknown"
        case ip = "IP"
        case gateway = "GATEWAY"
        case podName = "K8S_POD_NAME"
        case podNamespace = "K8S_POD_NAMESPACE"
        case podInfraContainerID = "K8S_POD_INFRA_CONTAINER_ID"
        case podUID = "K8S_POD_UID"
    }

    private static func flag(_ key: Key, in values: [Key: String]) throws(CNIError) -> Bool {
        switch values[key]?.lowercased() {
        case "1", "true": return true
        case "0", "false", nil: return false
        default: throw CNIError(.invalidEnvironment, "CNI_ARGS: \(key.rawValue) must be 0, 1, true or false")
        }
    }
}
