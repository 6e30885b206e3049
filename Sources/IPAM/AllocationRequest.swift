/// What one ADD asks for: one address of every pool, all or none.
public struct AllocationRequest: Hashable, Sendable {
    /// A pool and the domain that its addresses are unique in.
    public struct Demand: Hashable, Sendable {
        /// The domain.
        public let domain: AllocationDomain
        /// The addresses to choose from.
        public let pool: AddressPool

        /// Makes a demand for one address.
        public init(domain: AllocationDomain, pool: AddressPool) {
            self.domain = domain
            self.pool = pool
        }
    }

    /// Who is to own the addresses.
    public let owner: AllocationOwner
    /// The pod's UID, where the runtime gave it.
    public let podUID: String?
    /// One demand for each configured range, in order.
    ///
    /// No two of one domain share an address.
    public let demands: [Demand]

    /// Makes a request.
    public init(owner: AllocationOwner, podUID: String?, demands: [Demand]) {
        self.owner = owner
        self.podUID = podUID
        self.demands = demands
    }
}
