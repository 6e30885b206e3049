public import EtcdClient
public import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// How many candidates the first transaction tries.
    ///
    /// Its size and the server's work grow with them, and with a single ADD the first candidate is free.
    private static let firstCandidates = 16

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
        var limit = min(Self.firstCandidates, ClaimTxn.candidateLimit(request))
        var tries = 0
        // Candidates that were taken are not tried twice, whatever free keys say.
        var lost: [Set<IPAddress>] = request.demands.map { _ in [] }
        while true {
            let holdings = Holdings(request, view)
            let held = holdings.covers.compactMap { $0 }
            if holdings.isComplete, !view.isCurrent {
                view = try read(request, .linearizable, deadline)
                continue
            }
            if holdings.isComplete || (tries > 0 && !held.isEmpty) {
                if try repair(held, deadline: deadline) {
                    view = try read(request, .linearizable, deadline)
                    continue
                }
                guard !holdings.isComplete else { return request.allocations(held.map(\.address)) }
            }
            guard !deadline.hasPassed else { throw .contention(tries: tries) }
            var candidates: [[Candidate]] = request.demands.map { _ in [] }
            for index in holdings.missing {
                view.pools[index].taken.formUnion(lost[index])
                candidates[index] = try self.candidates(
                    request.demands[index],
                    &view.pools[index],
                    limit: limit,
                    deadline: deadline
                )
            }
            let claim = ClaimTxn(request, view, holdings, candidates)
            tries += 1
            switch try outcome(of: claim, deadline: deadline) {
            case .claimed(let addresses):
                return request.allocations(addresses)
            case .lost(let next, let demand):
                if let demand {
                    lost[demand].formUnion(candidates[demand].map(\.address))
                }
                limit = ClaimTxn.candidateLimit(request)
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

    /// The lowest free addresses of a pool that are known, or else found by reading more free keys or by a search.
    private func candidates(
        _ demand: AllocationRequest.Demand,
        _ view: inout PoolView,
        limit: Int,
        deadline: Deadline
    ) throws(DatastoreError) -> [Candidate] {
        while true {
            let candidates = view.candidates(limit: limit)
            guard candidates.isEmpty else { return candidates }
            guard let next = view.nextFree, let stretch = IPRange(next, demand.pool.bounds.last) else { break }
            let free = StoreViewReader.freeKeys(demand.domain.keyPart, stretch, .linearizable)
            try view.takeFreeKeys(try read([free], deadline: deadline).ranges[0])
        }
        return try search(demand, above: view.frontier, limit: limit, deadline: deadline)
    }

    /// Commits a claim; nil when it is unknown whether it took effect, and time is left to look.
    private func outcome(of claim: ClaimTxn, deadline: Deadline) throws(DatastoreError) -> ClaimTxn.Outcome? {
        do throws(DatastoreError) {
            return try claim.outcome(commit(claim.txn, deadline: deadline))
        } catch {
            guard error.leavesOutcomeUnknown, !deadline.hasPassed else { throw error }
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
