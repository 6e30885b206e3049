public import IPTypes

extension CNIResult {
    /// A route for the container.
    ///
    /// What is nil is not printed; zero is.
    public struct Route: Hashable, Sendable {
        /// The destination as it was configured: host bits are kept, as Go's library does.
        public var destination: InterfaceAddress

        /// The next hop, or nil for the gateway of the address.
        public var gateway: IPAddress?

        /// The largest packet along the route. (This and what follows came with version 1.1.0.)
        public var mtu: Int?

        /// The largest TCP segment to announce to destinations.
        public var advertisedMSS: Int?

        /// The priority, of which a lower value wins.
        public var priority: Int?

        /// The number of the routing table.
        public var table: Int?

        /// The scope of the destinations: 0 is global, 253 the link, 254 the host.
        public var scope: Int?

        /// Makes a route.
        public init(
            destination: InterfaceAddress,
            gateway: IPAddress? = nil,
            mtu: Int? = nil,
            advertisedMSS: Int? = nil,
            priority: Int? = nil,
            table: Int? = nil,
            scope: Int? = nil
        ) {
            self.destination = destination
            self.gateway = gateway
            self.mtu = mtu
            self.advertisedMSS = advertisedMSS
            self.priority = priority
            self.table = table
            self.scope = scope
        }
    }
}
