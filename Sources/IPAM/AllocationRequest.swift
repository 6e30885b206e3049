public import IPTypes

/// What one ADD asks for: one address for every demand, all or none.
public struct AllocationRequest: Hashable, Sendable {
    /// A pool and the domain that its addresses are unique in, with what serves in its place.
    public struct Demand: Hashable, Sendable {
        /// The domain.
        public let domain: AllocationDomain
        /// The addresses to choose from.
        public let pool: AddressPool
        /// What serves, in this order, once no address of the pool is left; none of them has fallbacks of its own.
        public let fallbacks: [Demand]
        /// The one address that will do; nil for any.
        public let requested: IPAddress?
        /// The prefix length of the slices of the pool, of which each node gives out its own only; nil where all nodes share all of it.
        public let sliceLength: Int?

        /// Makes a demand for one address.
        public init(
            domain: AllocationDomain,
            pool: AddressPool,
            fallbacks: [Demand] = [],
            requested: IPAddress? = nil,
            sliceLength: Int? = nil
        ) {
            self.domain = domain
            self.pool = pool
            self.fallbacks = fallbacks
            self.requested = requested
            self.sliceLength = sliceLength
        }

        /// The demand itself and what serves in its place, in order.
        public var choices: [Demand] {
            [self] + fallbacks
        }

        /// The demand for a certain address, which one of the choices can give out; nil when none can.
        public func requesting(_ address: IPAddress) -> Demand? {
            choices.first { $0.pool.allocatable.contains(address) }.map {
                Demand(domain: $0.domain, pool: $0.pool, requested: address, sliceLength: $0.sliceLength)
            }
        }

        /// What serves once no address of the pool is left; nil when nothing does.
        public var fallback: Demand? {
            fallbacks.first.map {
                Demand(
                    domain: $0.domain,
                    pool: $0.pool,
                    fallbacks: Array(fallbacks.dropFirst()),
                    sliceLength: $0.sliceLength
                )
            }
        }
    }

    /// Who is to own the addresses.
    public let owner: AllocationOwner
    /// The pod's UID, where the runtime gave it.
    public let podUID: String?
    /// One demand for each configured range or group of ranges, in order.
    ///
    /// No two of one domain share an address.
    public var demands: [Demand]
    /// How addresses are chosen.
    public let policy: AllocationPolicy

    /// Makes a request.
    public init(
        owner: AllocationOwner,
        podUID: String?,
        demands: [Demand],
        policy: AllocationPolicy = AllocationPolicy()
    ) {
        self.owner = owner
        self.podUID = podUID
        self.demands = demands
        self.policy = policy
    }
}
