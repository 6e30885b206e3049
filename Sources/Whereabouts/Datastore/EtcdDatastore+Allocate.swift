public import EtcdClient
internal import Glibc
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// How many candidates the first transaction tries.
    ///
    /// Its size and the server's work grow with them, with a single ADD the first candidate is free, and who loses gets a place in a queue.
    fileprivate static let firstCandidates = 4

    /// Allocates one address for every demand, all or none: the free one that the policy says, or the one that was requested.
    ///
    /// A demand with fallbacks is met by the first of its pools that has an address left. What the attachment has already is returned as it is, so an ADD can be repeated, also one whose answer was lost
    /// behind the commit. What the same pod's interface has from an earlier container passes to this one. An address that
    /// the pool no longer allows, since the configuration changed, does not; it stays with the earlier container.
    ///
    /// - Parameters:
    ///   - request: Who asks for what.
    ///   - begin: When the ADD began, nil for now: a DEL of the attachment that is no older ends it.
    ///   - deadline: When to end in any case.
    /// - Returns: The allocations in the order of the demands.
    /// - Throws: `.rangeFull` when a linearizable count shows that no address is left, `.addressTaken`, `.deleted`,
    ///   `.undecodable`, `.contention`, `.etcd`.
    public func allocate(
        _ request: AllocationRequest,
        begin: NodeMoment? = nil,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation] {
        let begin = (begin ?? .now).uptime
        guard !request.isSliced else {
            return try allocateFromSlices(request, begin: begin, deadline: deadline)
        }
        guard let allocations = try allocate(request, begin: begin, deadline: deadline) else {
            throw .shortAnswer
        }
        return allocations
    }

    /// Allocates out of whole pools, or out of slices that the node has; nil when it has lost one of them.
    func allocate(
        _ request: AllocationRequest,
        begin: NodeMoment.Uptime?,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation]? {
        var attempt = Attempt(request)
        do throws(DatastoreError) {
            let allocations = try allocate(request, &attempt, begin: begin, deadline: deadline)
            if allocations == nil { leave(attempt.place, nil, deadline: deadline) }
            return allocations
        } catch {
            leave(attempt.place, error, deadline: deadline)
            throw error
        }
    }

    private func allocate(
        _ request: AllocationRequest,
        _ attempt: inout Attempt,
        begin: NodeMoment.Uptime?,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation]? {
        // A stale first view does no harm: the transaction decides.
        var view = try read(request, .serializable, deadline)
        let expired = view.expired.filter { $0.owner.pod != request.owner.pod }
        if try release(expired, deadline: deadline) {
            view = try read(request, .linearizable, deadline)
        }
        while true {
            // Before the node's present start there was none of its ADDs.
            if let deletion = view.deletion, let begin, deletion.boot == begin.boot,
                deletion.nanoseconds >= begin.nanoseconds
            {
                throw .deleted(request.owner.attachment)
            }
            let holdings = Holdings(request, view)
            let held = holdings.covers.compactMap { $0 }
            if holdings.isComplete || view.hasLostSlice, !view.isCurrent {
                view = try read(attempt.request, .linearizable, deadline)
                continue
            }
            if holdings.isComplete || (attempt.tries > 0 && !held.isEmpty) {
                if try repair(held, deadline: deadline) {
                    try attempt.countRepair(of: held)
                    view = try read(attempt.request, .linearizable, deadline)
                    continue
                }
                guard !holdings.isComplete else {
                    leave(attempt.place, nil, deadline: deadline)
                    return request.allocations(held.map(\.address))
                }
            }
            guard !view.hasLostSlice else { return nil }
            guard !deadline.hasPassed else { throw .contention(tries: attempt.tries) }
            guard let candidates = try candidates(holdings.missing, &view, &attempt, deadline) else {
                view = try read(attempt.request, .linearizable, deadline)
                continue
            }
            if request.policy.raceDelay > .zero {
                sleep(UInt32(clamping: request.policy.raceDelay.components.seconds))
            }
            let claim = ClaimTxn(attempt.request, view, holdings, candidates, attempt.place)
            switch try outcome(of: claim, &attempt, deadline: deadline) {
            case .claimed(let addresses):
                return request.allocations(addresses)
            case .lost(let next, let demand):
                attempt.lose(demand, claim.candidates, next)
                // Who drew a place in the queue need not wait; else what was brought along is out of date behind a pause.
                if let next, next.place != nil || !Backoff.pause(tries: attempt.tries) {
                    view = next
                } else {
                    view = try read(attempt.request, .linearizable, deadline)
                }
            case nil:
                // The claim may still be under way, and be applied when what comes of the next one is released already.
                _ = try fence(request.owner.attachment, deadline: deadline)
                view = try read(attempt.request, .linearizable, deadline)
            }
        }
    }

    /// What the tries of one ADD have taught so far.
    private struct Attempt {
        /// What is asked for, with the pools that serve in place of full ones.
        private(set) var request: AllocationRequest
        var tries = 0
        /// The number of candidates for each demand.
        var limit: Int
        /// Candidates that were taken, by demand: they are not tried twice, whatever free keys say.
        var lost: [[IPAddress]]
        /// The demands that are to be searched, because guessing had no success.
        var mustSearch: [Bool]
        /// The place in a queue that was drawn and not left yet.
        private(set) var place: QueuePlace?
        /// The store refused a write for want of space, and it is not known yet whether it was the one that filled it.
        var foundNoSpace = false
        private var repairs = 0

        init(_ request: AllocationRequest) {
            self.request = request
            limit = EtcdDatastore.firstCandidates
            lost = request.demands.map { _ in [] }
            mustSearch = request.demands.map { _ in false }
        }

        /// Notes that all candidates of a demand were taken; without a demand, that what the owner has was changed.
        mutating func lose(_ demand: Int?, _ candidates: [[Candidate]], _ next: StoreView?) {
            limit = ClaimTxn.candidateLimit
            place = next?.place ?? place
            if let demand {
                lost[demand] += candidates[demand].map(\.address)
                mustSearch[demand] = next == nil
            }
        }

        /// Goes on with what serves in place of a demand's full pool; false when nothing does.
        mutating func fallBack(at demand: Int) -> Bool {
            guard let fallback = request.demands[demand].fallback else { return false }
            request.demands[demand] = fallback
            lost[demand] = []
            mustSearch[demand] = false
            return true
        }

        /// Tries an address again that was taken, and is not any more.
        mutating func retry(_ address: IPAddress, of demand: Int) {
            lost[demand].removeAll { $0 == address }
        }

        /// Notes a repair, of which one is enough unless something else goes on writing.
        mutating func countRepair(of held: [OwnedAddress]) throws(DatastoreError) {
            repairs += 1
            guard repairs <= 3 else {
                let key = held.first?.addressKey.description ?? KeySpace.prefix
                throw .undecodable(key: key, reason: "its index keys disagree with it, also after they were repaired")
            }
        }
    }

    private func read(
        _ request: AllocationRequest,
        _ consistency: RangeRequest.Consistency,
        _ deadline: Deadline
    ) throws(DatastoreError) -> StoreView {
        let reader = StoreViewReader(request)
        let response = try commit(Txn(then: reader.operations(consistency)), deadline: deadline)
        return try reader.view(
            response.results,
            revision: response.header?.revision ?? 0,
            isCurrent: consistency == .linearizable
        )
    }

    /// The candidates of the missing demands; nil when another view is needed first, because a range looks full in one that may
    /// be stale, or because of what was done about it.
    private func candidates(
        _ missing: [Int],
        _ view: inout StoreView,
        _ attempt: inout Attempt,
        _ deadline: Deadline
    ) throws(DatastoreError) -> [[Candidate]]? {
        var candidates: [[Candidate]] = view.pools.map { _ in [] }
        for index in missing {
            let demand = attempt.request.demands[index]
            if let requested = demand.requested {
                guard !attempt.lost[index].contains(requested) else {
                    try expectFree(requested, demand.domain, attempt.request, deadline: deadline)
                    attempt.retry(requested, of: index)
                    return nil
                }
                candidates[index] = [Candidate(address: requested, mark: nil)]
                continue
            }
            view.pools[index].taken.formUnion(attempt.lost[index])
            do throws(DatastoreError) {
                if let place = view.place {
                    try readFreeKeys(index, &view.pools[index], attempt, behind: place, deadline: deadline)
                }
                candidates[index] = try self.candidates(index, &view.pools[index], attempt, deadline: deadline)
            } catch .rangeFull(let pool, let domain) {
                // The owner may have an address that the view does not show.
                guard view.isCurrent else { return nil }
                guard attempt.fallBack(at: index) else { throw .rangeFull(pool, domain) }
                return nil
            }
        }
        return candidates
    }

    /// Expects that nobody has a requested address but the owner itself, whose allocation another view will show.
    ///
    /// - Throws: `.addressTaken`.
    private func expectFree(
        _ address: IPAddress,
        _ domain: AllocationDomain,
        _ request: AllocationRequest,
        deadline: Deadline
    ) throws(DatastoreError) {
        let found = try read([RangeRequest(.single(KeySpace.address(domain.keyPart, address)))], deadline: deadline)
        guard let keyValue = found.ranges[0].keyValues.first else { return }
        let record = try RecordCoding.record(keyValue)
        let (owner, wanted) = (record.owner, request.owner)
        let isOwn =
            owner.attachment == wanted.attachment
            || owner.pod != nil && owner.pod == wanted.pod && owner.interfaceName == wanted.interfaceName
        guard !isOwn else { return }
        // What has waited long enough is free, as it is for who asks for any address.
        guard try releaseIfExpired(domain.keyPart, address, deadline: deadline) else {
            throw .addressTaken(address, domain, by: owner, until: record.retainedUntil)
        }
    }

    /// The free addresses of a pool to try, which are known, or else found by reading more free keys or by a search.
    ///
    /// Where released addresses wait, those that still do come when there is no other one.
    private func candidates(
        _ index: Int,
        _ view: inout PoolView,
        _ attempt: Attempt,
        deadline: Deadline
    ) throws(DatastoreError) -> [Candidate] {
        let domain = attempt.request.demands[index].domain
        let reader = StoreViewReader(attempt.request)
        let isTimed = reader.freshMoment != nil
        func takeFreeKeys(_ view: inout PoolView, _ stretch: IPRange) throws(DatastoreError) {
            let free = reader.freeKeys(domain.keyPart, stretch, .linearizable)
            try view.takeFreeKeys(try read([free], deadline: deadline).ranges, freshAfter: reader.freshMoment)
        }
        if view.strategy == .next, isTimed, let start = view.start {
            // What the first candidates will be.
            let reach = UInt128(min(64 + view.ahead, StoreViewReader.timedFreeLimit - 1))
            let last = start.advanced(by: reach).map { min($0, view.pool.bounds.last) } ?? view.pool.bounds.last
            if let stretch = IPRange(start, last) {
                try takeFreeKeys(&view, stretch)
                view.timed = stretch
            }
        }
        if !attempt.mustSearch[index] {
            let candidates = view.candidates(limit: attempt.limit)
            guard candidates.isEmpty else { return candidates }
        }
        if view.strategy == .next, isTimed {
            view.nextFree = view.pool.allocatable.first
        }
        while isTimed || !attempt.mustSearch[index], let next = view.nextFree, let last = view.pool.allocatable.last,
            let stretch = IPRange(next, last)
        {
            try takeFreeKeys(&view, stretch)
            guard !attempt.mustSearch[index], view.strategy == .lowest else { continue }
            let candidates = view.candidates(limit: attempt.limit)
            guard candidates.isEmpty else { return candidates }
        }
        // Before the search, which then sees what others free; behind it they could make a full range of one that is not.
        while try releaseExpired(domain, deadline: deadline) {}
        do throws(DatastoreError) {
            return try search(view, domain, limit: attempt.limit, deadline: deadline)
        } catch .rangeFull where !view.fresh.isEmpty {
            let fresh = view.freshCandidates(limit: attempt.limit)
            guard fresh.isEmpty else { return fresh }
            // What was fresh may have been claimed since, and something else released.
            view.fresh = [:]
            return try search(view, domain, limit: attempt.limit, deadline: deadline)
        }
    }

    /// Gives a place back that was not needed, so that nobody leaves an address to it; where etcd does not answer, its queue ends soon.
    private func leave(_ place: QueuePlace?, _ error: DatastoreError?, deadline: Deadline) {
        if case .etcd = error { return }
        guard let place else { return }
        _ = try? commit(Txn(then: [.put(PutRequest(place.queue.served, ""))]), deadline: deadline)
    }

    /// Reads the lowest free keys of a pool up to a place's and some more, where they are not known.
    ///
    /// Those that others have claimed meanwhile are missing, so how many places are not needed any more is read at the same moment.
    private func readFreeKeys(
        _ index: Int,
        _ view: inout PoolView,
        _ attempt: Attempt,
        behind place: QueuePlace,
        deadline: Deadline
    ) throws(DatastoreError) {
        let reader = StoreViewReader(attempt.request)
        let limit = place.ahead + attempt.limit
        guard view.strategy == .lowest, view.nextFree != nil, view.free.count < limit, reader.freshMoment == nil else {
            return
        }
        let domain = attempt.request.demands[index].domain.keyPart
        let free = PoolView.freeStretches(view.pool).map { reader.freeKeys(domain, $0, limit: limit, .linearizable) }
        let served = RangeRequest(.single(place.queue.served), projection: .keysOnly)
        let ranges = try read([served] + free, deadline: deadline).ranges
        var place = place
        place.served = ranges[0].keyValues.first?.version ?? 0
        view.ahead = place.ahead
        try view.takeFreeKeys(Array(ranges.dropFirst()), freshAfter: nil)
    }

    /// Commits a claim; nil when it is unknown whether it took effect, and it is worth to look.
    private func outcome(
        of claim: ClaimTxn,
        _ attempt: inout Attempt,
        deadline: Deadline
    ) throws(DatastoreError) -> ClaimTxn.Outcome? {
        attempt.tries += 1
        do throws(DatastoreError) {
            return try claim.outcome(commit(claim.txn, deadline: deadline))
        } catch {
            guard error.leavesOutcomeUnknown, !deadline.hasPassed, !(error.isNoSpace && attempt.foundNoSpace) else {
                throw error
            }
            attempt.foundNoSpace = error.isNoSpace
            return nil
        }
    }
}

extension AllocationRequest {
    /// The allocations of addresses that stand in the order of the demands.
    fileprivate func allocations(_ addresses: [IPAddress]) -> [Allocation] {
        addresses.indices.map { index in
            let demand = demands[index]
            let choice = demand.choices.first { $0.pool.allocatable.contains(addresses[index]) } ?? demand
            return Allocation(domain: choice.domain, address: choice.pool.interfaceAddress(addresses[index]))
        }
    }
}
