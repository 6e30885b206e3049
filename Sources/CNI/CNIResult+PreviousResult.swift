import IPTypes
public import JSON

extension CNIResult {
    /// Reads the addresses and gateways of a `prevResult`; all else in it is left out.
    ///
    /// Addresses that other plugins of the chain added are among them (CNI spec section 2, "CHECK").
    ///
    /// - Parameters:
    ///   - previousResult: The result as the runtime passed it on.
    ///   - version: The version of the configuration, whose shape the result has.
    /// - Throws: `CNIError` with code 6 if the shape is wrong, and with code 7 if an address is, which it names.
    public init(previousResult: JSONValue, version: CNIVersion) throws(CNIError) {
        guard case .object = previousResult else {
            throw CNIError(.decoding, "prevResult must be an object, not \(previousResult.kind)")
        }
        self.init()
        if version < .v030 {
            for key in ["ip4", "ip6"] {
                guard let ip = previousResult.member(key), ip != .null else { continue }
                ips.append(try IPConfiguration(ip, in: key, addressKey: "ip"))
            }
        } else {
            switch previousResult.member("ips") {
            case nil, .null: break
            case .array(let elements):
                for (index, ip) in elements.enumerated() {
                    ips.append(try IPConfiguration(ip, in: "ips[\(index)]", addressKey: "address"))
                }
            case .some(let other):
                throw CNIError(.decoding, "prevResult: \"ips\" must be an array, not \(other.kind)")
            }
        }
    }
}

extension CNIResult.IPConfiguration {
    /// Reads one address from a previous result.
    fileprivate init(_ ip: JSONValue, in place: String, addressKey: String) throws(CNIError) {
        guard case .object = ip else {
            throw CNIError(.decoding, "prevResult: \(place) must be an object, not \(ip.kind)")
        }
        guard let address = try ip.text(addressKey) else {
            throw CNIError(.invalidConfiguration, "prevResult: \(place) has no \"\(addressKey)\"")
        }
        let gateway = try ip.text("gateway")
        do throws(IPSyntaxError) {
            self.init(
                address: try InterfaceAddress(address),
                gateway: try gateway.map { text throws(IPSyntaxError) in try IPAddress(text) }
            )
        } catch {
            throw CNIError(.invalidConfiguration, "prevResult: \(place): \(error)")
        }
    }
}
