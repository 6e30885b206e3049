public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// How many candidates the first transaction tries.
    ///
    /// Its size and the server's work grow with them, and with a single ADD the first candidate is free.
    fileprivate static let firstCandidates = 16

    /// Allocates one address of every demanded pool, all or none, the lowest free one of each.
    ///
    /// What the attachment has already is returned as it is, so an ADD can be repeated, also one whose answer was lost
    /// behind the commit. What the same pod's interface has from an earlier container passes to this one. An address that
    /// the pool no longer allows, since the configuration changed, does not; it stays with the earlier container.
    ///
    /// - Returns: The allocations in the order of the demands.
    /// - Throws: `.rangeFull` when a linearizable count shows that no address is left, `.undecodable`, `.contention`,
    ///   `.etcd`.
    public func allocate(
        _ request: AllocationRequest,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation] {
        // A stale first view does no harm: the transaction decides.
        var view = try read(request, .serializable, deadline)
        var attempt = Attempt(request)
        while true {
            let holdings = Holdings(request, view)
            let held = holdings.covers.compactMap { $0 }
            if holdings.isComplete, !view.isCurrent {
                view = try read(request, .linearizable, deadline)
                continue
            }
            if holdings.isComplete || (attempt.tries > 0 && !held.isEmpty) {
                if try repair(held, deadline: deadline) {
                    try attempt.countRepair(of: held)
                    view = try read(request, .linearizable, deadline)
                    continue
                }
                guard !holdings.isComplete else { return request.allocations(held.map(\.address)) }
            }
            guard !deadline.hasPassed else { throw .contention(tries: attempt.tries) }
            guard let candidates = try candidates(holdings.missing, &view, attempt, deadline) else {
                view = try read(request, .linearizable, deadline)
                continue
            }
            let claim = ClaimTxn(request, view, holdings, candidates)
            switch try outcome(of: claim, &attempt, deadline: deadline) {
            case .claimed(let addresses):
                return request.allocations(addresses)
            case .lost(let next, let demand):
                attempt.lose(demand, candidates, withoutView: next == nil)
                if let next {
                    view = next
                } else {
                    view = try read(request, .linearizable, deadline)
                }
            case nil:
                view = try read(request, .linearizable, deadline)
            }
        }
    }

    /// What the tries of one ADD have taught so far.
    private struct Attempt {
        let request: AllocationRequest
        var tries = 0
        /// The number of candidates for each demand.
        var limit: Int
        /// Candidates that were taken, by demand: they are not tried twice, whatever free keys say.
        var lost: [Set<IPAddress>]
        /// The demands that are to be searched, because guessing had no success.
        var mustSearch: [Bool]
        /// The store refused a write for want of space, and it is not known yet whether it was the one that filled it.
        var foundNoSpace = false
        private var repairs = 0

        init(_ request: AllocationRequest) {
            self.request = request
            limit = min(EtcdDatastore.firstCandidates, ClaimTxn.candidateLimit(request))
            lost = request.demands.map { _ in [] }
            mustSearch = request.demands.map { _ in false }
        }

        /// Notes that all candidates of a demand were taken; without a demand, that what the owner has was changed.
        mutating func lose(_ demand: Int?, _ candidates: [[Candidate]], withoutView: Bool) {
            limit = ClaimTxn.candidateLimit(request)
            if let demand {
                lost[demand].formUnion(candidates[demand].map(\.address))
                mustSearch[demand] = withoutView
            }
            Backoff.pause(tries: tries)
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

    /// The candidates of the missing demands; nil when a range looks full in a view that may be stale.
    private func candidates(
        _ missing: [Int],
        _ view: inout StoreView,
        _ attempt: Attempt,
        _ deadline: Deadline
    ) throws(DatastoreError) -> [[Candidate]]? {
        var candidates: [[Candidate]] = view.pools.map { _ in [] }
        for index in missing {
            view.pools[index].taken.formUnion(attempt.lost[index])
            do throws(DatastoreError) {
                candidates[index] = try self.candidates(
                    attempt.request.demands[index],
                    &view.pools[index],
                    limit: attempt.limit,
                    mustSearch: attempt.mustSearch[index],
                    deadline: deadline
                )
            } catch .rangeFull(let pool, let domain) {
                // The owner may have an address that the view does not show.
                guard view.isCurrent else { return nil }
                throw .rangeFull(pool, domain)
            }
        }
        return candidates
    }

    /// The lowest free addresses of a pool that are known, or else found by reading more free keys or by a search.
    private func candidates(
        _ demand: AllocationRequest.Demand,
        _ view: inout PoolView,
        limit: Int,
        mustSearch: Bool,
        deadline: Deadline
    ) throws(DatastoreError) -> [Candidate] {
        while !mustSearch {
            let candidates = view.candidates(limit: limit)
            guard candidates.isEmpty else { return candidates }
            guard let next = view.nextFree, let last = demand.pool.allocatable.last, let stretch = IPRange(next, last)
            else { break }
            let free = StoreViewReader.freeKeys(demand.domain.keyPart, stretch, .linearizable)
            try view.takeFreeKeys(try read([free], deadline: deadline).ranges)
        }
        return try search(demand, above: view.frontier, limit: limit, deadline: deadline)
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
            Allocation(
                domain: demands[index].domain,
                address: demands[index].pool.interfaceAddress(addresses[index])
            )
        }
    }
}
