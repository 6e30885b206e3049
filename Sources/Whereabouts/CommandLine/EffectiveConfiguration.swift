internal import CNI
internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON
internal import Logging

/// A configuration as the plugin understands it, to be printed: keys are those of the configuration where there is one for
/// the value, and no secret is among the values.
struct EffectiveConfiguration {
    /// The configuration as JSON.
    let json: JSONValue
    /// What is to be noted beside.
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
        self.notes = configuration.notes + notes
        var object: [String: JSONValue] = [
            "name": .string(configuration.network),
            "cniVersion": .string(invocation.version.rawValue),
            "node": .string(configuration.node),
            "ranges": .array(configuration.demands.map(\.effectiveJSON)),
            "addresses": .array(configuration.staticAddresses.map(\.effectiveJSON)),
            "routes": .array(configuration.routes.map { $0.json(for: .latest) }),
            "dns": configuration.dns.effectiveJSON,
            "choice": configuration.policy.effectiveJSON,
            "releaseJournal": .string(configuration.releaseJournal?.directory ?? "none"),
            "limits": configuration.limitsJSON,
            "log": configuration.log.effectiveJSON,
            "notes": .strings(self.notes),
        ]
        if case .string(let type) = invocation.configuration.member("type") {
            object["type"] = .string(type)
        }
        object["index"] = index.map { .integer(Int64($0)) }
        object["flatFile"] = resolved.flatFile.map {
            .object(["path": .string($0.path), "keys": .strings($0.spelledKeys)])
        }
        switch configuration.store {
        case .etcd(let etcd): object["etcd"] = etcd.effectiveJSON
        case .kubernetes(let kubernetes): object["kubernetes"] = kubernetes.effectiveJSON
        }
        object["gateway"] = configuration.gateway.map { .string($0.description) }
        json = .object(object)
    }

    /// Configurations as JSON for people, with a line break at its end.
    static func text(_ configurations: [EffectiveConfiguration]) -> [UInt8] {
        JSONValue.object(["plugins": .array(configurations.map(\.json))]).encodedInLines()
    }
}

extension JSONValue {
    fileprivate static func strings(_ texts: [String]) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }

    /// How many there are of something; beyond 64 bits to the precision of most who read JSON.
    fileprivate static func count(_ count: UInt128) -> JSONValue {
        Int64(exactly: count).map(JSONValue.integer) ?? .number(Double(count))
    }
}

extension AllocationRequest.Demand {
    /// The range with its bounds, how many addresses can be given out, and what lies between the bounds and can't.
    fileprivate var effectiveJSON: JSONValue {
        var object: [String: JSONValue] = [
            "range": .string(pool.range.description),
            "first": .string(pool.bounds.first.description),
            "last": .string(pool.bounds.last.description),
            "capacity": .count(pool.capacity),
            "exclude": .strings(IPRangeSet([pool.bounds]).subtracting(pool.allocatable).ranges.map(\.description)),
            "domain": .string(domain.description),
        ]
        object["gateway"] = pool.gateway.map { .string($0.description) }
        object["node_slice_size"] = sliceLength.map { .string("/\($0)") }
        object["fallbacks"] = fallbacks.isEmpty ? nil : .array(fallbacks.map(\.effectiveJSON))
        return .object(object)
    }
}

extension AllocationPolicy {
    /// How addresses are chosen, times in seconds.
    fileprivate var effectiveJSON: JSONValue {
        .object([
            "allocation_strategy": .string(strategy.rawValue), "reuse_delay": .integer(reuseDelay),
            "retain": .integer(retention),
        ])
    }
}

extension IPAMConfiguration.StaticAddress {
    fileprivate var effectiveJSON: JSONValue {
        var object: [String: JSONValue] = ["address": .string(address.description)]
        object["gateway"] = gateway.map { .string($0.description) }
        return .object(object)
    }
}

extension CNIResult.DNS {
    fileprivate var effectiveJSON: JSONValue {
        .object([
            "nameservers": .strings(nameservers), "domain": .string(domain), "search": .strings(search),
            "options": .strings(options),
        ])
    }
}

extension KubernetesConfiguration {
    fileprivate var effectiveJSON: JSONValue {
        .object(["kubeconfig": .string(kubeconfig), "api_group": .string(group)])
    }
}

extension EtcdConfiguration {
    /// What stands in place of a secret, whatever its length.
    private static let mask = "********"

    fileprivate var effectiveJSON: JSONValue {
        var object: [String: JSONValue] = [
            "etcd_host": .strings(endpoints.map(\.description)), "tls": .bool(speaksTLS),
            "etcd_token_cache": .string(tokenCache?.directory ?? "none"),
        ]
        object["etcd_ca_cert_file"] = tls.caFile.map(JSONValue.string)
        object["etcd_cert_file"] = tls.certificateFile.map(JSONValue.string)
        object["etcd_key_file"] = tls.keyFile.map(JSONValue.string)
        if let user {
            object["etcd_username"] = .string(user.name)
            object["etcd_password"] = .string(Self.mask)
        }
        return .object(object)
    }
}

extension IPAMConfiguration {
    /// How long operations may take, in seconds.
    fileprivate var limitsJSON: JSONValue {
        .object([
            "add": .integer(addTimeout.components.seconds),
            "delete": .integer(deleteTimeout.components.seconds),
            "check": .integer(IPAMPlugin.TimeLimit.check.components.seconds),
            "status": .integer(IPAMPlugin.TimeLimit.status.components.seconds),
            // `sleep_for_race`.
            "raceDelay": .integer(policy.raceDelay.components.seconds),
        ])
    }
}

extension LogSettings {
    fileprivate var effectiveJSON: JSONValue {
        var object: [String: JSONValue] = [:]
        object["log_file"] = file.map(JSONValue.string)
        // With a file alone everything is logged.
        let counting = level ?? (file == nil ? nil : .debug)
        object["log_level"] = (LogSettings.levels.first { $0.value == counting }?.key).map(JSONValue.string)
        return .object(object)
    }
}
