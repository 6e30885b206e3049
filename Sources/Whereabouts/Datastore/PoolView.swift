internal import EtcdClient
internal import IPAM
internal import IPTypes

/// What one read tells about a pool: enough to name its lowest free addresses without reading the pool.
///
/// An address has been given out at some time, or it has not. Every allocatable address up to the pool's *frontier* has.
/// A release leaves a *free* key, a claim removes it. So the lowest free address is the lowest free key, or else lies
/// above the frontier. A frontier that lags behind the truth does no harm.
struct PoolView {
    let pool: AddressPool
    /// The highest address of the frontier, nil when the pool has given out nothing.
    var frontier: IPAddress?
    /// The lowest free keys, in order; some may be of addresses that this pool excludes.
    var free: [IPAddress] = []
    /// Where to read on for more free keys; nil when there are none.
    var nextFree: IPAddress?
    /// The stretch whose taken addresses are all known.
    var window: IPRange?
    /// The addresses that are known to be taken, there or elsewhere.
    var taken: Set<IPAddress> = []

    /// The stretches in which the pool's free keys are read together, in order.
    ///
    /// The first gaps between them spare what the pool excludes, where any number of free keys of other pools may lie.
    static func freeStretches(_ pool: AddressPool) -> [IPRange] {
        let ranges = pool.allocatable.ranges
        guard let last = ranges.last, ranges.count > 4, let rest = IPRange(ranges[3].first, last.last) else {
            return ranges
        }
        return ranges.prefix(3) + [rest]
    }

    /// Takes in the answers to reads of free keys, in order.
    ///
    /// Behind an incomplete one nothing counts.
    mutating func takeFreeKeys(_ responses: [RangeResponse]) throws(DatastoreError) {
        free = []
        nextFree = nil
        for response in responses {
            free += try response.keyValues.map(KeySpace.address(ofKey:))
            if response.hasMore {
                nextFree = free.last?.next.flatMap { pool.allocatable.firstAddress(notBefore: $0) }
                return
            }
        }
    }

    /// The lowest addresses that are free for all that is known, in order, at most `limit`.
    ///
    /// Empty means that none is known: there are more free keys to read, or the pool must be searched.
    func candidates(limit: Int) -> [Candidate] {
        var candidates: [Candidate] = []
        var free = free.filter { pool.allocatable.contains($0) && !taken.contains($0) }[...]
        var untouched = firstUntouched()
        // Behind a window that has nothing to offer the pool is unknown: a free key there may not be the lowest address.
        let horizon = untouched == nil ? window?.last : nil
        while candidates.count < limit {
            let address: IPAddress
            if let lowest = free.first, untouched.map({ lowest <= $0 }) ?? (horizon.map { lowest <= $0 } ?? true) {
                free.removeFirst()
                if lowest == untouched {
                    untouched = next(after: lowest)
                }
                address = lowest
            } else if free.isEmpty, nextFree != nil {
                // Unread free keys may lie below what follows.
                break
            } else if let lowest = untouched {
                untouched = next(after: lowest)
                address = lowest
            } else {
                break
            }
            candidates.append(Candidate(address: address, raisesFrontier: frontier.map { address > $0 } ?? true))
        }
        return candidates
    }

    /// The lowest address above the frontier that is not known to be taken.
    ///
    /// Nil when there is none in a window that was read because all tries above the frontier had failed: then guessing
    /// on is no way to find one.
    private func firstUntouched() -> IPAddress? {
        guard let first = pool.allocatable.first else { return nil }
        var start = first
        if let frontier {
            guard let above = frontier.next else { return nil }
            start = max(first, above)
        }
        guard let lowest = pool.allocatable.firstAddress(notBefore: start) else { return nil }
        let found = taken.contains(lowest) ? next(after: lowest) : lowest
        guard let window, window.contains(lowest) else { return found }
        return found.flatMap { window.contains($0) ? $0 : nil }
    }

    /// The next allocatable address that is not known to be taken.
    private func next(after address: IPAddress) -> IPAddress? {
        var address = address
        while let following = address.next.flatMap({ pool.allocatable.firstAddress(notBefore: $0) }) {
            if !taken.contains(following) { return following }
            address = following
        }
        return nil
    }
}
