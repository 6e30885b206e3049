internal import IPAM
internal import IPTypes

/// Which address of a pool a call tries next: who loses goes away from where the others try.
struct PoolSearch {
    /// How many addresses the choice is among, at most.
    private static let widest = 1024

    private let demand: AllocationRequest.Demand
    let strategy: AllocationPolicy.Strategy
    /// What the same call has already got for other demands.
    private let others: Set<IPAddress>
    private var excluded: Set<IPAddress>
    private var lost: Set<IPAddress> = []
    private var hasBegunAnew = false
    private var hasExcluded = false
    /// The number of addresses that somebody else got.
    private(set) var losses = 0
    /// The number of reservations of this round that name no pool.
    private var unplaced = 0

    init(_ demand: AllocationRequest.Demand, _ strategy: AllocationPolicy.Strategy, beside others: Set<IPAddress>) {
        self.demand = demand
        self.strategy = strategy
        self.others = others
        excluded = others
    }

    /// The number of addresses of this round that have a young reservation and no entry: their owners may still fail.
    private(set) var unsettled = 0

    /// Notes that somebody else has an address, or with a reservation that is not settled may get it.
    mutating func lose(_ address: IPAddress, isSettled: Bool = true) {
        lost.insert(address)
        losses += 1
        unsettled += isSettled ? 0 : 1
    }

    /// Leaves addresses out that are of other ranges of the network; that is no race.
    mutating func exclude(_ addresses: [IPAddress]) {
        excluded.formUnion(addresses)
        hasExcluded = true
    }

    /// Notes a reservation that names no pool; true when there were so many that it is time to look at all of them.
    mutating func meetUnplaced() -> Bool {
        unplaced += 1
        return unplaced == 8
    }

    /// Tries once more what was lost; false when that was done before, or nothing was lost.
    mutating func beginsAnew() -> Bool {
        guard !hasBegunAnew, !lost.isEmpty || hasExcluded else { return false }
        hasBegunAnew = true
        lost = []
        unsettled = 0
        unplaced = 0
        excluded = others
        return true
    }

    /// The address to try: the first free one, and after losses any of the first, of the more the more were lost.
    func candidate(_ pool: PoolObject) -> IPAddress? {
        func isFree(_ address: IPAddress) -> Bool {
            pool.entries[address] == nil && !lost.contains(address) && !excluded.contains(address)
        }
        if let requested = demand.requested { return isFree(requested) ? requested : nil }
        let limit = losses == 0 ? 1 : min(Self.widest, 4 << min(losses * 2, 20))
        var free: [IPAddress] = []
        let allocatable = demand.pool.allocatable
        let start = strategy == .next ? pool.lastAddress?.next : nil
        var next = start.flatMap { allocatable.firstAddress(notBefore: $0) } ?? allocatable.first
        let origin = next
        var hasWrapped = false
        while let address = next, free.count < limit {
            if isFree(address) { free.append(address) }
            next = address.next.flatMap { allocatable.firstAddress(notBefore: $0) }
            if next == nil, !hasWrapped {
                hasWrapped = true
                next = allocatable.first
            }
            if hasWrapped, let reached = next, let origin, reached >= origin { break }
        }
        return free.randomElement()
    }
}
