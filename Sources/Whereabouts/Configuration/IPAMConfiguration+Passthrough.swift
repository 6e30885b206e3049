internal import CNI
internal import IPTypes
internal import JSON

extension IPAMConfiguration {
    /// Reads `routes` (CNI spec section 5, "routes").
    static func routes(_ json: [JSONValue]) throws(ConfigurationError) -> [CNIResult.Route] {
        let reader = ObjectReader(.object(["routes": .array(json)]))
        var routes: [CNIResult.Route] = []
        for (index, entry) in try reader.objects("routes").enumerated() {
            guard let text = try entry.string("dst") else {
                throw .missing("routes[\(index)].dst", remedy: "write it as 10.1.0.0/16")
            }
            let destination = try interfaceAddress(text, key: "routes[\(index)].dst")
            let gateway = try entry.string("gw").map { text throws(ConfigurationError) in
                try address(text, key: "routes[\(index)].gw")
            }
            if let gateway, gateway.family != destination.address.family {
                throw ConfigurationError(
                    key: "routes[\(index)].gw",
                    value: gateway.description,
                    reason: "is no gateway for dst \(destination), which is of the other family"
                )
            }
            routes.append(
                CNIResult.Route(
                    destination: destination,
                    gateway: gateway,
                    mtu: try entry.count("mtu"),
                    advertisedMSS: try entry.count("advmss"),
                    priority: try entry.count("priority"),
                    table: try entry.count("table"),
                    scope: try entry.count("scope")
                )
            )
        }
        return routes
    }
}
