internal import EtcdClient
internal import IPAM
internal import IPTypes

/// What one read tells about a pool: enough to name the next addresses to give out without reading the pool.
///
/// An address has been given out at some time, or it has not. Every allocatable address up to the pool's *frontier* has.
/// A release leaves a *free* key, a claim removes it. So the lowest free address is the lowest free key, or else lies
/// above the frontier. A frontier that lags behind the truth does no harm.
struct PoolView {
    let pool: AddressPool
    var strategy = AllocationPolicy.Strategy.lowest
    /// The highest address of the frontier, or where the pool goes round the one that was given out last; nil when the pool has given
    /// out nothing.
    var mark: IPAddress?
    /// The lowest free keys, in order; some may be of addresses that this pool excludes.
    var free: [IPAddress] = []
    /// The addresses among those of the free keys read so far that were released too short a time ago, with that moment.
    var fresh: [IPAddress: String] = [:]
    /// Where to read on for more free keys; nil when there are none.
    var nextFree: IPAddress?
    /// Where the times of free keys count in a pool that goes round, the stretch behind the mark in which all of them are known.
    var timed: IPRange?
    /// The stretch whose taken addresses are all known.
    var window: IPRange?
    /// The addresses that are known to be taken, there or elsewhere.
    var taken: Set<IPAddress> = []
    /// How many calls will take an address first, by the place that was drawn with this view.
    var ahead = 0

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
    /// Behind an incomplete one nothing counts. What was released after `moment`, a time stamp, is fresh.
    mutating func takeFreeKeys(_ responses: [RangeResponse], freshAfter moment: String?) throws(DatastoreError) {
        free = []
        nextFree = nil
        for response in responses {
            for keyValue in response.keyValues {
                let address = try KeySpace.address(ofKey: keyValue)
                let time = String(decoding: keyValue.value, as: UTF8.self)
                if let moment, time > moment {
                    fresh[address] = time
                } else {
                    free.append(address)
                }
            }
            if response.hasMore {
                let last = try response.keyValues.last.map(KeySpace.address(ofKey:))
                nextFree = last?.next.flatMap { pool.allocatable.firstAddress(notBefore: $0) }
                return
            }
        }
    }

    /// The addresses to give out next that are free for all that is known, in order, at most `limit`.
    ///
    /// Who has a place in the queue leaves out as many as there are calls before it.
    ///
    /// Empty means that none is known: there are more free keys to read, or the pool must be searched.
    func candidates(limit: Int) -> [Candidate] {
        let reach = limit + ahead
        return switch strategy {
        case .lowest: share(of: lowestCandidates(limit: reach), limit: limit, frontier: knownFrontier)
        case .next: share(of: nextCandidates(limit: reach), limit: limit, frontier: nil)
        }
    }

    /// Of free addresses in order, the lowest first, those that this call tries: the ones behind those that others will take.
    ///
    /// Where fewer are known, the calls spread over them. A pool's frontier does not move over what is left to others, only up to an
    /// address below which all have been given out for sure.
    ///
    /// - Parameters:
    ///   - known: The addresses, as a call without others before it would try them.
    ///   - limit: How many are tried.
    ///   - frontier: The address that the frontier may move to in any case.
    /// - Returns: At most `limit` of them, in the order to try them in.
    func share(of known: [Candidate], limit: Int, frontier: IPAddress?) -> [Candidate] {
        guard ahead > 0, known.count > limit else { return Array(known.prefix(limit)) }
        let start = ahead + limit <= known.count ? ahead : ahead % known.count
        let frontier = frontier.flatMap { frontier in mark.map { frontier > $0 } ?? true ? frontier : nil }
        return (known[start...] + known[..<start]).prefix(limit).map { candidate in
            strategy == .next ? candidate : Candidate(address: candidate.address, mark: frontier)
        }
    }

    /// The end of the addresses above the frontier that are known to be given out; nil when there are none.
    private var knownFrontier: IPAddress? {
        guard let start, let untouched = firstUntouched(), untouched > start else { return nil }
        return untouched.previous
    }

    /// The fresh addresses, the one that was released first before the others.
    func freshCandidates(limit: Int) -> [Candidate] {
        let oldest = fresh.filter { pool.allocatable.contains($0.key) && !taken.contains($0.key) }
            .sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        return share(of: oldest.map { candidate($0.key) }, limit: limit, frontier: nil)
    }

    /// An address as a candidate.
    func candidate(_ address: IPAddress) -> Candidate {
        let movesMark = strategy == .next || mark.map { address > $0 } ?? true
        return Candidate(address: address, mark: movesMark ? address : nil)
    }

    /// The first allocatable address behind the mark; where a pool that goes round has none, its first.
    var start: IPAddress? {
        guard let mark else { return pool.allocatable.first }
        let behind = mark.next.flatMap { pool.allocatable.firstAddress(notBefore: $0) }
        return behind ?? (strategy == .next ? pool.allocatable.first : nil)
    }

    private func isKnown(_ address: IPAddress) -> Bool {
        taken.contains(address) || fresh[address] != nil
    }

    private func lowestCandidates(limit: Int) -> [Candidate] {
        var candidates: [Candidate] = []
        var free = free.filter { pool.allocatable.contains($0) && !isKnown($0) }[...]
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
            candidates.append(candidate(address))
        }
        return candidates
    }

    /// The addresses behind the mark and then the pool's first ones, once around at most; as far as it is known what is fresh, and from a
    /// window that begins there on only if it has one.
    private func nextCandidates(limit: Int) -> [Candidate] {
        guard let start else { return [] }
        var candidates: [Candidate] = []
        let window = window.flatMap { $0.contains(start) ? $0 : nil }
        let timed = timed.flatMap { $0.contains(start) ? $0 : nil }
        var address: IPAddress? = start
        while candidates.count < limit, let present = address, timed?.contains(present) ?? true {
            guard !candidates.isEmpty || window?.contains(present) ?? true else { break }
            if !isKnown(present) {
                candidates.append(candidate(present))
            }
            let following =
                present.next.flatMap { pool.allocatable.firstAddress(notBefore: $0) } ?? pool.allocatable.first
            address = following == start ? nil : following
        }
        return candidates
    }

    /// The lowest address above the frontier that is not known to be taken.
    ///
    /// Nil when there is none in a window that was read because all tries above the frontier had failed: then guessing
    /// on is no way to find one.
    private func firstUntouched() -> IPAddress? {
        guard let lowest = start else { return nil }
        let found = isKnown(lowest) ? next(after: lowest) : lowest
        guard let window, window.contains(lowest) else { return found }
        return found.flatMap { window.contains($0) ? $0 : nil }
    }

    /// The next allocatable address that is not known to be taken.
    private func next(after address: IPAddress) -> IPAddress? {
        var address = address
        while let following = address.next.flatMap({ pool.allocatable.firstAddress(notBefore: $0) }) {
            if !isKnown(following) { return following }
            address = following
        }
        return nil
    }
}
