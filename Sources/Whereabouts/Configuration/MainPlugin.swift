internal import CNI
internal import JSON

/// What a network configuration says of the main plugin that gets the result, as far as ranges have to do with it.
struct MainPlugin: Hashable {
    /// Its name; nil when there is none.
    var type: String?
    /// Whether it is the bridge, and the bridge is to have the gateway's address.
    var isBridgeGateway = false

    /// A plugin that nothing is known of.
    init() {}

    /// Reads a network configuration.
    init(_ network: JSONValue) {
        if case .string(let name)? = network.member("type") {
            type = name
        }
        isBridgeGateway =
            type == "bridge"
            && ["isGateway", "isDefaultGateway"].contains { network.member($0) == .bool(true) }
    }
}
