internal import EtcdClient
internal import IPAM
internal import IPTypes

/// Builds the operations that read a `StoreView`, and reads their results.
struct StoreViewReader {
    /// How many free keys of a pool one read returns at most.
    static let freeLimit = 32
    /// How many free keys one read returns at most where the time of each counts, and many may be of no use.
    static let timedFreeLimit = 1024
    /// How many addresses that have waited for their pods one read returns at most.
    static let expiredLimit = 8
    /// How many taken addresses of a window one read returns at most.
    static let windowLimit = 256

    let request: AllocationRequest
    /// The present moment, in seconds since 1970.
    let now: Int64
    /// For each demand a stretch whose taken addresses are to be read, where they are wanted.
    var windows: [IPRange?]
    /// Draws a place in a queue, in a transaction that writes; nil not to.
    var draw: Draw?

    /// Draws a place in a queue.
    struct Draw {
        let queue: Queue
        /// The place that was held until now, and is given back.
        let earlier: QueuePlace?
    }

    init(_ request: AllocationRequest) {
        self.request = request
        now = Timestamp.secondsNow
        windows = request.demands.map { _ in nil }
    }

    private var attachmentPrefix: String {
        KeySpace.attachmentPrefix(request.owner.attachment)
    }

    private var podPrefix: String? {
        request.owner.pod.map { KeySpace.podPrefix($0, interfaceName: request.owner.interfaceName) }
    }

    /// The ranges of keys in which anything that the owner has is listed.
    var ownerKeys: [KeyRange] {
        [attachmentPrefix, podPrefix].compactMap { $0.map { .prefix(Key($0)) } }
    }

    /// The keys that no claim may be older than.
    var guardedKeys: [KeyRange] {
        ownerKeys + [.single(fence)]
    }

    /// The slices that the addresses come out of, which must still be the node's, with their keys.
    private var slices: [(key: Key, prefix: IPPrefix)] {
        request.demands.filter { $0.requested == nil }.compactMap { demand in
            demand.pool.slice.map { (KeySpace.slice(demand.domain.keyPart, demand.pool.range, $0.first), $0) }
        }
    }

    private var fence: Key {
        KeySpace.fence(request.owner.attachment)
    }

    /// The reads, in the order in which `view` expects their results, behind the writes that draw a place.
    func operations(_ consistency: RangeRequest.Consistency) -> [TxnOperation] {
        var reads = (guardedKeys + slices.map { .single($0.key) }).map { RangeRequest($0, consistency: consistency) }
        reads += retainingDomains.map { Self.expired($0, by: now, consistency) }
        for (index, demand) in request.demands.enumerated() {
            let domain = demand.domain.keyPart
            let mark = KeySpace.mark(domain, demand.pool, request.policy.strategy)
            reads.append(RangeRequest(.single(mark), consistency: consistency))
            reads += freeStretches(demand).map { freeKeys(domain, $0, consistency) }
            if let window = windows[index] {
                reads.append(
                    RangeRequest(
                        KeySpace.addresses(domain, window),
                        limit: Int64(Self.windowLimit),
                        consistency: consistency,
                        projection: .keysOnly
                    )
                )
            }
        }
        if let draw {
            reads.append(RangeRequest(.single(draw.queue.served), consistency: consistency, projection: .keysOnly))
        }
        return drawing + reads.map { .range($0) }
    }

    /// The writes that draw a place; the first one tells its number.
    private var drawing: [TxnOperation] {
        guard let draw else { return [] }
        var drawn = PutRequest(draw.queue.drawn, "")
        drawn.returnsPrevious = true
        let left = draw.earlier.map { [TxnOperation.put(PutRequest($0.queue.served, ""))] }
        return [.put(drawn)] + (left ?? [])
    }

    /// The moment since when a released address is too fresh to be given out; nil where none is.
    var freshMoment: String? {
        let delay = request.policy.reuseDelay
        return delay > 0 ? Timestamp.text(secondsSince1970: now - delay) : nil
    }

    /// The domains whose expired addresses are read, as far as etcd's limit of operations lets them in.
    private var retainingDomains: [String] {
        guard request.policy.retention > 0 else { return [] }
        let others = request.demands.reduce(guardedKeys.count + slices.count) { $0 + 2 + freeStretches($1).count }
        let domains = Set(request.demands.map(\.domain.keyPart)).sorted()
        return Array(domains.prefix(max(0, ClaimTxn.operationLimit - others)))
    }

    /// The stretches of the free keys that are worth to be read: a pool that goes round asks for those behind its mark only.
    private func freeStretches(_ demand: AllocationRequest.Demand) -> [IPRange] {
        request.policy.strategy == .lowest ? PoolView.freeStretches(demand.pool) : []
    }

    /// The read of the lowest free keys of a stretch, `limit` at most, or a number that suits the policy.
    func freeKeys(
        _ domain: String,
        _ stretch: IPRange,
        limit: Int? = nil,
        _ consistency: RangeRequest.Consistency
    ) -> RangeRequest {
        let isTimed = request.policy.reuseDelay > 0
        return RangeRequest(
            KeySpace.free(domain, stretch),
            limit: Int64(limit ?? (isTimed ? Self.timedFreeLimit : Self.freeLimit)),
            consistency: consistency,
            projection: isTimed ? .keysAndValues : .keysOnly
        )
    }

    /// The read of the addresses of a domain that have waited for their pods for long enough.
    static func expired(
        _ domain: String,
        by now: Int64,
        limit: Int = expiredLimit,
        _ consistency: RangeRequest.Consistency
    ) -> RangeRequest {
        RangeRequest(KeySpace.expired(domain, by: now), limit: Int64(limit), consistency: consistency)
    }

    /// Reads the results of `operations`.
    func view(_ results: [TxnResult], revision: Int64, isCurrent: Bool) throws(DatastoreError) -> StoreView {
        var ranges: [RangeResponse] = []
        var drawn: PutResponse?
        for result in results {
            switch result {
            case .range(let range): ranges.append(range)
            case .put(let put): drawn = drawn ?? put
            case .deleteRange, .txn: break
            }
        }
        var rest = ranges[...]
        func nextRange() throws(DatastoreError) -> RangeResponse {
            guard let range = rest.popFirst() else {
                throw .shortAnswer
            }
            return range
        }

        let own = try OwnedAddress.list(nextRange().keyValues, after: attachmentPrefix)
        var inherited: [OwnedAddress] = []
        if let podPrefix {
            inherited = try OwnedAddress.list(nextRange().keyValues, after: podPrefix)
                // A container that comes back under its identifier finds what waits for its pod too.
                .filter { $0.owner.containerID != request.owner.containerID || $0.retainedUntil != nil }
        }
        let fence = try nextRange().keyValues.first
        var hasLostSlice = false
        var unchangedSlices: [Compare] = []
        for (key, prefix) in slices {
            let found = try nextRange().keyValues.first.map { keyValue throws(DatastoreError) in
                try StoredSlice(keyValue)
            }
            hasLostSlice = hasLostSlice || found?.slice.node != request.owner.node || found?.slice.prefix != prefix
            unchangedSlices.append(.isUnchanged(key, since: found?.revision ?? 0))
        }
        var expired: [RetainedAddress] = []
        for domain in retainingDomains {
            expired += try RetainedAddress.list(nextRange().keyValues, of: domain)
        }
        var pools: [PoolView] = []
        for (index, demand) in request.demands.enumerated() {
            var pool = PoolView(pool: demand.pool, strategy: request.policy.strategy)
            if let mark = try nextRange().keyValues.first {
                pool.mark = try KeySpace.address(mark.value[...], of: mark)
            }
            var free: [RangeResponse] = []
            for _ in freeStretches(demand) {
                free.append(try nextRange())
            }
            try pool.takeFreeKeys(free, freshAfter: freshMoment)
            if let window = windows[index] {
                let records = try nextRange()
                pool.taken = Set(try records.keyValues.map(KeySpace.address(ofKey:)))
                pool.window = records.hasMore ? pool.taken.max().flatMap { IPRange(window.first, $0) } : window
            }
            pools.append(pool)
        }
        var place: QueuePlace?
        if let draw {
            guard let drawn else { throw .shortAnswer }
            let number = (drawn.previous?.version ?? 0) + 1
            place = QueuePlace(queue: draw.queue, number: number, served: try nextRange().keyValues.first?.version ?? 0)
            for index in pools.indices {
                pools[index].ahead = place?.ahead ?? 0
            }
        }
        return StoreView(
            revision: revision,
            isCurrent: isCurrent,
            own: own,
            inherited: inherited,
            deletion: fence.flatMap { FenceMoment.moment($0.value) },
            hasLostSlice: hasLostSlice,
            unchangedSlices: unchangedSlices,
            expired: expired,
            pools: pools,
            place: place
        )
    }
}
