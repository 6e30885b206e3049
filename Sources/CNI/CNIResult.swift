public import IPTypes

/// What ADD answers, in the shape of the latest specification (CNI spec section 5, "ADD Success").
///
/// It is the abbreviated form for delegated IPAM plugins: interfaces are the caller's matter.
public struct CNIResult: Hashable, Sendable {
    /// The addresses for the interface.
    public var ips: [IPConfiguration]

    /// The routes for the container.
    public var routes: [Route]

    /// The name service for the container.
    public var dns: DNS

    /// Makes a result.
    public init(ips: [IPConfiguration] = [], routes: [Route] = [], dns: DNS = DNS()) {
        self.ips = ips
        self.routes = routes
        self.dns = dns
    }
}

extension CNIResult {
    /// An address for the interface.
    public struct IPConfiguration: Hashable, Sendable {
        /// The address with the prefix length of its network.
        public var address: InterfaceAddress

        /// The default gateway, which is also that of routes without their own.
        public var gateway: IPAddress?

        /// Makes the configuration of an address.
        public init(address: InterfaceAddress, gateway: IPAddress? = nil) {
            self.address = address
            self.gateway = gateway
        }
    }
}
