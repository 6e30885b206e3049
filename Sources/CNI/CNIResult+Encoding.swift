import IPTypes

extension CNIResult {
    /// Returns the result as JSON in the shape of a version, without what that version has no place for.
    ///
    /// Up to 0.2.0 there is one address of each family: the first.
    ///
    /// - Throws: `CNIError` with code 1 up to 0.2.0 if there is no address, which those versions cannot express.
    public func encoded(for version: CNIVersion) throws(CNIError) -> [UInt8] {
        var object = ResultObject(cniVersion: version)
        if version < .v030 {
            object.ip4 = familyObject(.ipv4)
            object.ip6 = familyObject(.ipv6)
            guard object.ip4 != nil || object.ip6 != nil else {
                throw CNIError(.incompatibleVersion, "a result of CNI version \(version) needs an IP address")
            }
        } else {
            object.ips = ips.isEmpty ? nil : ips.map { IPObject($0, hasFamily: version < .v100) }
            object.routes = routes.isEmpty ? nil : routes.map { RouteObject($0, version: version) }
        }
        // Go's library prints `"dns":{}` before 1.0.0, and callers have been tested with that.
        object.dns = version >= .v100 && dns == DNS() ? nil : DNSObject(dns)
        return try object.compactJSON()
    }

    private func familyObject(_ family: IPFamily) -> FamilyObject? {
        guard let ip = ips.first(where: { $0.address.address.family == family }) else { return nil }
        let routes = routes.filter { $0.destination.address.family == family }
        return FamilyObject(
            ip: ip.address.description,
            gateway: ip.gateway?.description,
            routes: routes.isEmpty ? nil : routes.map { RouteObject($0, version: .v020) }
        )
    }
}

// MARK: - JSON shapes: what is nil is not printed

private struct ResultObject: Encodable {
    let cniVersion: CNIVersion
    var ip4: FamilyObject?
    var ip6: FamilyObject?
    var ips: [IPObject]?
    var routes: [RouteObject]?
    var dns: DNSObject?
}

/// `ip4` and `ip6` up to 0.2.0.
private struct FamilyObject: Encodable {
    let ip: String
    let gateway: String?
    let routes: [RouteObject]?
}

/// An element of `ips` from 0.3.0.
private struct IPObject: Encodable {
    let version: String?
    let address: String
    let gateway: String?

    init(_ ip: CNIResult.IPConfiguration, hasFamily: Bool) {
        let family =
            switch ip.address.address.family {
            case .ipv4: "4"
            case .ipv6: "6"
            }
        version = hasFamily ? family : nil
        address = ip.address.description
        gateway = ip.gateway?.description
    }
}

private struct RouteObject: Encodable {
    let dst: String
    let gw: String?
    var mtu: Int?
    var advmss: Int?
    var priority: Int?
    var table: Int?
    var scope: Int?

    init(_ route: CNIResult.Route, version: CNIVersion) {
        dst = route.destination.description
        gw = route.gateway?.description
        guard version >= .v110 else { return }
        mtu = route.mtu
        advmss = route.advertisedMSS
        priority = route.priority
        table = route.table
        scope = route.scope
    }
}

private struct DNSObject: Encodable {
    let nameservers: [String]?
    let domain: String?
    let search: [String]?
    let options: [String]?

    init(_ dns: CNIResult.DNS) {
        nameservers = dns.nameservers.isEmpty ? nil : dns.nameservers
        domain = dns.domain.isEmpty ? nil : dns.domain
        search = dns.search.isEmpty ? nil : dns.search
        options = dns.options.isEmpty ? nil : dns.options
    }
}
