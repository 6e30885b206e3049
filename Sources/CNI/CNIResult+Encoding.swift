import IPTypes
public import JSON

extension CNIResult {
    /// Returns the result as JSON in the shape of a version, without what that version has no place for.
    ///
    /// Up to 0.2.0 there is one address of each family: the first.
    ///
    /// - Throws: `CNIError` with code 1 up to 0.2.0 if there is no address, which those versions cannot express.
    public func encoded(for version: CNIVersion) throws(CNIError) -> [UInt8] {
        var object: [String: JSONValue] = ["cniVersion": .string(version.rawValue)]
        if version < .v030 {
            object["ip4"] = json(of: .ipv4)
            object["ip6"] = json(of: .ipv6)
            guard object.count > 1 else {
                throw CNIError(.incompatibleVersion, "a result of CNI version \(version) needs an IP address")
            }
        } else {
            object["ips"] = .nonempty(ips.map { $0.json(hasFamily: version < .v100) })
            object["routes"] = .nonempty(routes.map { $0.json(for: version) })
        }
        // Go's library prints `"dns":{}` before 1.0.0, and callers have been tested with that.
        object["dns"] = version >= .v100 && dns == DNS() ? nil : dns.json
        return JSONValue.object(object).encoded()
    }

    /// `ip4` and `ip6` up to 0.2.0.
    private func json(of family: IPFamily) -> JSONValue? {
        guard let ip = ips.first(where: { $0.address.address.family == family }) else { return nil }
        var object: [String: JSONValue] = ["ip": .string(ip.address.description)]
        object["gateway"] = ip.gateway.map { .string($0.description) }
        let routes = routes.filter { $0.destination.address.family == family }
        object["routes"] = .nonempty(routes.map { $0.json(for: .v020) })
        return .object(object)
    }
}

extension CNIResult.IPConfiguration {
    /// An element of `ips` from 0.3.0.
    fileprivate func json(hasFamily: Bool) -> JSONValue {
        var object: [String: JSONValue] = ["address": .string(address.description)]
        if hasFamily {
            object["version"] =
                switch address.address.family {
                case .ipv4: .string("4")
                case .ipv6: .string("6")
                }
        }
        object["gateway"] = gateway.map { .string($0.description) }
        return .object(object)
    }
}

extension CNIResult.Route {
    /// The route as a version has it.
    public func json(for version: CNIVersion) -> JSONValue {
        var object: [String: JSONValue] = ["dst": .string(destination.description)]
        object["gw"] = gateway.map { .string($0.description) }
        guard version >= .v110 else { return .object(object) }
        object["mtu"] = mtu.map { .integer(Int64($0)) }
        object["advmss"] = advertisedMSS.map { .integer(Int64($0)) }
        object["priority"] = priority.map { .integer(Int64($0)) }
        object["table"] = table.map { .integer(Int64($0)) }
        object["scope"] = scope.map { .integer(Int64($0)) }
        return .object(object)
    }
}

extension CNIResult.DNS {
    /// The settings, without those that there are none of.
    public var json: JSONValue {
        var object: [String: JSONValue] = [:]
        object["nameservers"] = .nonempty(nameservers.map(JSONValue.string))
        object["domain"] = domain.isEmpty ? nil : .string(domain)
        object["search"] = .nonempty(search.map(JSONValue.string))
        object["options"] = .nonempty(options.map(JSONValue.string))
        return .object(object)
    }
}

extension JSONValue? {
    /// An array, or nil for one without elements.
    fileprivate static func nonempty(_ elements: [JSONValue]) -> JSONValue? {
        elements.isEmpty ? nil : .array(elements)
    }
}
