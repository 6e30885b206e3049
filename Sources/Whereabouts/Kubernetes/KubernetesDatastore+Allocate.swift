public import EtcdClient
internal import Glibc
public import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient

extension KubernetesDatastore: Datastore {
    /// How long a call goes on behind its deadline at most, to take back what it has claimed: a reservation without an entry is nobody's for minutes.
    private static let takingBack = Duration.seconds(1)

    /// Allocates one address for every demand, all or none: the free one that the policy says, or the one that was requested.
    ///
    /// What the attachment has already is returned as it is, with the half that a killed call has left out; what the same pod's
    /// interface has from an earlier container passes to this one, once all that is new is claimed: a range that is full is no reason to take an address from a
    /// container which may still run.
    ///
    /// - Parameters:
    ///   - request: Who asks for what.
    ///   - begin: Of no use here: a runtime does not delete an attachment while it adds it.
    ///   - deadline: When to end in any case.
    /// - Returns: The allocations in the order of the demands.
    /// - Throws: `.rangeFull`, `.sliceMissing`, `.addressOutsideSlices`, `.addressTaken`, `.undecodable`, `.contention`,
    ///   `.kubernetes`.
    public func allocate(
        _ request: AllocationRequest,
        begin: NodeMoment? = nil,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation] {
        let demands = try divided(request.demands, deadline: deadline)
        var open: [OpenDemand] = []
        func others(_ domain: AllocationDomain, but index: Int? = nil) -> Set<IPAddress> {
            Set(open.indices.filter { $0 != index && open[$0].demand.domain == domain }.compactMap { open[$0].address })
        }
        do throws(DatastoreError) {
            for demand in demands {
                open.append(try look(demand, request.owner, beside: others(demand.domain), deadline: deadline))
            }
            for index in open.indices.filter({ open[$0].held == nil }) + open.indices.filter({ open[$0].held != nil }) {
                let others = others(open[index].demand.domain, but: index)
                open[index].claim = try claim(open[index], request, beside: others, deadline: deadline)
            }
        } catch {
            // All or none; what can't be taken back now is freed by the DEL that follows a failed ADD.
            for claim in open.compactMap(\.claim) where claim.isNew {
                takeBack(claim, request.owner, deadline: deadline)
            }
            throw error
        }
        return open.compactMap(\.claim).map {
            Allocation(domain: $0.demand.domain, address: $0.demand.pool.interfaceAddress($0.address))
        }
    }

    /// Reads the pools of a demand's choices, and what its owner has in them.
    private func look(
        _ demand: AllocationRequest.Demand,
        _ owner: AllocationOwner,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> OpenDemand {
        var pools: [PoolObject] = []
        var held: IPAddress?
        for choice in demand.choices {
            let pool = try poolOrNew(choice, deadline: deadline)
            pools.append(pool)
            held = held ?? pool.entry(of: owner, meeting: choice, beside: others)?.address
        }
        return OpenDemand(demand: demand, pools: pools, held: held)
    }

    /// Releases what was claimed, as far as that can be done now.
    private func takeBack(_ claim: PoolClaim, _ owner: AllocationOwner, deadline: Deadline) {
        let demand = claim.demand
        let deadline = max(deadline, .after(Self.takingBack))
        guard var pool = try? pool(demand, deadline: deadline) else { return }
        _ = try? release(
            claim.address,
            PoolEntry(owner),
            of: &pool,
            networkName: demand.isReserved ? demand.domain.networkName : nil,
            deadline: deadline
        )
    }

    /// Meets one demand: by what its owner has in one of the choices, or else by the first of them that has an address left.
    private func claim(
        _ open: OpenDemand,
        _ request: AllocationRequest,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> PoolClaim {
        let choices = zip(open.demand.choices, open.pools)
        for (choice, pool) in choices {
            if let held = try held(choice, pool, request.owner, beside: others, deadline: deadline) { return held }
        }
        var obstacle = DatastoreError.rangeFull(open.demand.pool, open.demand.domain)
        for (choice, pool) in choices {
            do throws(DatastoreError) {
                return try claim(choice, pool, request, beside: others, deadline: deadline)
            } catch .rangeFull {
                continue
            } catch .contention(let tries) {
                // Nobody knows yet whether it is full.
                obstacle = .contention(tries: tries)
            }
        }
        throw obstacle
    }

    /// What the owner has in a pool, made whole; nil when it has nothing there that meets the demand.
    private func held(
        _ demand: AllocationRequest.Demand,
        _ first: PoolObject,
        _ owner: AllocationOwner,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> PoolClaim? {
        guard first.entry(of: owner, meeting: demand, beside: others) != nil else { return nil }
        return try queue.turn(at: first.name, of: namespace, deadline: deadline) { hasWaited throws(DatastoreError) in
            let pool = hasWaited ? try poolOrNew(demand, deadline: deadline) : first
            return try heldAmongOthers(demand, pool, owner, beside: others, deadline: deadline)
        }
    }

    /// The same without waiting for the call's turn.
    private func heldAmongOthers(
        _ demand: AllocationRequest.Demand,
        _ first: PoolObject,
        _ owner: AllocationOwner,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> PoolClaim? {
        var pool = first
        var tries = PoolTries()
        while true {
            guard let (address, entry) = pool.entry(of: owner, meeting: demand, beside: others) else { return nil }
            if demand.isReserved {
                guard case .reserved = try reserve(address, of: demand, pool: pool, for: owner, deadline: deadline)
                else {
                    // Somebody has it in another range of the network: it is his, and the entry says too much.
                    _ = try removeEntriesAmongOthers([address: entry], of: &pool, deadline: deadline)
                    pool = try poolOrNew(demand, deadline: deadline)
                    continue
                }
            }
            let wanted = PoolEntry(owner)
            guard entry != wanted else { return PoolClaim(demand: demand, address: address, isNew: false) }
            let path = pool.path(of: address)
            let patch = pool.patch.testing(path + "/id", .string(entry.containerID)).adding(path, wanted.json)
            let change = try change(pool.name, patch, deadline: deadline)
            if change.isDone { return PoolClaim(demand: demand, address: address, isNew: false) }
            tries.pause(before: deadline)
            let earlier = pool
            pool = try poolOrNew(demand, deadline: deadline)
            try tries.expectRetry(change, of: pool, behind: earlier, deadline: deadline)
        }
    }

    /// Claims an address of a pool, when it is the call's turn on its node.
    private func claim(
        _ demand: AllocationRequest.Demand,
        _ first: PoolObject,
        _ request: AllocationRequest,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> PoolClaim {
        var pool = first
        while true {
            let claim = try claimInTurn(demand, pool, request, beside: others, deadline: deadline)
            guard let lateness = claim.lateness else { return claim }
            let isReserved: Bool
            do throws(DatastoreError) {
                isReserved = try isStillReserved(claim, lateness, pool, for: request.owner, deadline: deadline)
            } catch {
                takeBack(claim, request.owner, deadline: deadline)
                throw error
            }
            guard !isReserved else { return claim }
            takeBack(claim, request.owner, deadline: deadline)
            pool = try poolOrNew(demand, deadline: deadline)
        }
    }

    private func claimInTurn(
        _ demand: AllocationRequest.Demand,
        _ pool: PoolObject,
        _ request: AllocationRequest,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> PoolClaim {
        // A delay is there to provoke races, so there is no queue.
        guard request.policy.raceDelay == .zero else {
            return try claimAmongOthers(demand, pool, request, beside: others, deadline: deadline)
        }
        return try queue.turn(at: pool.name, of: namespace, deadline: deadline) { hasWaited throws(DatastoreError) in
            guard hasWaited else {
                return try claimAmongOthers(demand, pool, request, beside: others, deadline: deadline)
            }
            let pool = try poolOrNew(demand, deadline: deadline)
            // The pod's earlier container, whose ADD was given up, may have been before.
            if let held = try heldAmongOthers(demand, pool, request.owner, beside: others, deadline: deadline) {
                return held
            }
            return try claimAmongOthers(demand, pool, request, beside: others, deadline: deadline)
        }
    }

    /// How many others may be about to change a pool before an address gets its entry; 0 where nothing tells.
    private func place(
        of address: IPAddress,
        _ demand: AllocationRequest.Demand,
        _ strategy: AllocationPolicy.Strategy,
        in pool: PoolObject
    ) -> Int {
        strategy == .lowest && demand.requested == nil ? pool.vacancies(before: address, in: demand.pool) : 0
    }

    private func claimAmongOthers(
        _ demand: AllocationRequest.Demand,
        _ first: PoolObject,
        _ request: AllocationRequest,
        beside others: Set<IPAddress>,
        deadline: Deadline
    ) throws(DatastoreError) -> PoolClaim {
        var pool = first
        var search = PoolSearch(demand, request.policy.strategy, beside: others)
        while true {
            guard !deadline.hasPassed else { throw .contention(tries: search.losses) }
            guard let address = search.candidate(pool) else {
                if let requested = demand.requested {
                    throw try taken(requested, demand, pool, deadline: deadline)
                }
                // Who has held the last addresses may have given them back since.
                guard search.beginsAnew() else {
                    guard search.unsettled == 0 else { throw .contention(tries: search.losses) }
                    throw .rangeFull(demand.pool, demand.domain)
                }
                pool = try poolOrNew(demand, deadline: deadline)
                continue
            }
            if request.policy.raceDelay > .zero {
                sleep(UInt32(clamping: request.policy.raceDelay.components.seconds))
            }
            var reservation: ReservationObject?
            let version = pool.resourceVersion
            if demand.isReserved {
                switch try reserve(address, of: demand, pool: pool, for: request.owner, deadline: deadline) {
                case .reserved(let made):
                    reservation = made
                case .taken(let found):
                    if let other = found.pool, other != pool.name {
                        // So that its other addresses need not be tried one by one.
                        search.exclude(try addresses(ofPool: other, deadline: deadline) + [address])
                        continue
                    }
                    // Upstream's writers have made the entry before.
                    search.lose(address, isSettled: found.pool == nil || isOlder(found))
                    if found.pool == nil, search.meetUnplaced() {
                        let networkName = demand.domain.networkName
                        let taken = try unplacedReservations(networkName: networkName, deadline: deadline)
                        search.exclude(Array(taken))
                    }
                    // By now others' entries tell more than one loss each.
                    if search.losses > 2 { pool = try poolOrNew(demand, deadline: deadline) }
                    continue
                }
            }
            do throws(DatastoreError) {
                if search.losses > 0 {
                    let place = place(of: address, demand, search.strategy, in: pool)
                    PoolTries().pause(place: place, before: deadline)
                    pool = try poolOrNew(demand, deadline: deadline)
                }
                let owner = request.owner
                let time = try addEntry(address, demand, &pool, owner, search.strategy, deadline: deadline)
                if let time {
                    let isLate = demand.isReserved && pool.resourceVersion != version
                    return PoolClaim(demand: demand, address: address, isNew: true, lateness: isLate ? time : nil)
                }
            } catch {
                if let reservation { try? drop(reservation, deadline: max(deadline, .after(Self.takingBack))) }
                throw error
            }
            if let reservation { try? drop(reservation, deadline: deadline) }
            // Where it was the pod's earlier container, whose ADD was given up, the address is the pod's.
            if let held = try heldAmongOthers(demand, pool, request.owner, beside: others, deadline: deadline) {
                return held
            }
            search.lose(address)
        }
    }

    /// Sees to it that a claim whose entry came late still has its reservation; false when that is somebody else's by now.
    ///
    /// An ADD of upstream's that took the address in between, and failed because it was reserved, is followed by a DEL that takes its entry out again and then
    /// deletes the reservation, whoever's it is. From the one to the other it needs about as long as a change of the pool.
    private func isStillReserved(
        _ claim: PoolClaim,
        _ lateness: Duration,
        _ pool: PoolObject,
        for owner: AllocationOwner,
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        let pause = min(max(lateness * 3, .milliseconds(30)), .seconds(1), deadline.remaining / 2)
        usleep(UInt32(clamping: Int64(pause / .microseconds(1))))
        let outcome = try reserve(claim.address, of: claim.demand, pool: pool, for: owner, deadline: deadline)
        guard case .reserved = outcome else { return false }
        return true
    }

    /// Adds an address's entry to its pool, which is left as it was read last; how long that took, or nil when another owner has an entry there.
    private func addEntry(
        _ address: IPAddress,
        _ demand: AllocationRequest.Demand,
        _ pool: inout PoolObject,
        _ owner: AllocationOwner,
        _ strategy: AllocationPolicy.Strategy,
        deadline: Deadline
    ) throws(DatastoreError) -> Duration? {
        let path = pool.path(of: address)
        let wanted = PoolEntry(owner)
        var tries = PoolTries()
        while true {
            var patch = pool.patch.testing(path, .null).adding(path, wanted.json)
            patch = pool.noting(entryCount: pool.entries.count + 1, in: patch)
            if strategy == .next {
                patch = pool.noting(last: address, in: patch)
            }
            let begin = Deadline.now
            let change = try change(pool.name, patch, deadline: deadline)
            let time = Deadline.now.duration(since: begin)
            if change.isDone { return time }
            tries.pause(place: place(of: address, demand, strategy, in: pool), before: deadline)
            let earlier = pool
            // Another's entry, or the call's own, whose answer was lost; or the object has changed in a way that concerns nobody.
            pool = try poolOrNew(demand, deadline: deadline)
            if let entry = pool.entries[address] { return entry == wanted ? time : nil }
            try tries.expectRetry(change, of: pool, behind: earlier, deadline: deadline)
        }
    }

    /// Changes a pool object.
    func change(_ pool: String, _ patch: JSONPatch, deadline: Deadline) throws(DatastoreError) -> PoolChange {
        do throws(DatastoreError) {
            switch try send(.patch(patch.json), pools, name: pool, deadline: deadline) {
            case .object(let object):
                guard case .string(let version)? = object.member("metadata")?.member("resourceVersion") else {
                    return .done(resourceVersion: "")
                }
                return .done(resourceVersion: version)
            case .missing: return .refused("there is no such object")
            case .exists, .conflict: return .refused("it changed meanwhile")
            case .unprocessable(let reason): return .refused(reason)
            }
        } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
            return .unknown(error)
        }
    }

    /// The addresses that another pool has entries of; none of one that is not there, or can't be read.
    private func addresses(ofPool name: String, deadline: Deadline) throws(DatastoreError) -> [IPAddress] {
        do throws(DatastoreError) {
            return try poolObject(name, deadline: deadline).map { Array($0.entries.keys) } ?? []
        } catch .undecodable {
            return []
        }
    }

    /// The error that an address which was asked for is somebody's.
    private func taken(
        _ address: IPAddress,
        _ demand: AllocationRequest.Demand,
        _ pool: PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) -> DatastoreError {
        if let entry = pool.entries[address] {
            return .addressTaken(address, demand.domain, by: entry.owner, until: nil)
        }
        guard demand.isReserved else { return .contention(tries: 1) }
        let name = try ObjectNames.reservation(address, networkName: demand.domain.networkName)
        guard let found = try reservation(name, deadline: deadline) else { return .contention(tries: 1) }
        return .addressTaken(address, demand.domain, by: found.owner, until: nil)
    }
}
