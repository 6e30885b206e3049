internal import EtcdClient
internal import IPAM
internal import IPTypes

/// Builds the operations that read a `StoreView`, and reads their results.
struct StoreViewReader {
    /// How many free keys of a pool one read returns at most.
    static let freeLimit = 32
    /// How many taken addresses of a window one read returns at most.
    static let windowLimit = 256

    let request: AllocationRequest
    /// For each demand a stretch whose taken addresses are to be read, where they are wanted.
    var windows: [IPRange?]

    init(_ request: AllocationRequest) {
        self.request = request
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

    /// The reads, in the order in which `view` expects their results.
    func operations(_ consistency: RangeRequest.Consistency) -> [TxnOperation] {
        var reads = ownerKeys.map { RangeRequest($0, consistency: consistency) }
        for (index, demand) in request.demands.enumerated() {
            let domain = demand.domain.keyPart
            reads.append(RangeRequest(.single(KeySpace.frontier(domain, demand.pool)), consistency: consistency))
            reads += PoolView.freeStretches(demand.pool).map { Self.freeKeys(domain, $0, consistency) }
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
        return reads.map { .range($0) }
    }

    /// The read of the lowest free keys of a stretch.
    static func freeKeys(
        _ domain: String,
        _ stretch: IPRange,
        _ consistency: RangeRequest.Consistency
    ) -> RangeRequest {
        RangeRequest(
            KeySpace.free(domain, stretch),
            limit: Int64(freeLimit),
            consistency: consistency,
            projection: .keysOnly
        )
    }

    /// Reads the results of `operations`.
    func view(_ results: [TxnResult], revision: Int64, isCurrent: Bool) throws(DatastoreError) -> StoreView {
        var ranges: [RangeResponse] = []
        for case .range(let range) in results {
            ranges.append(range)
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
                .filter { $0.owner.containerID != request.owner.containerID }
        }
        var pools: [PoolView] = []
        for (index, demand) in request.demands.enumerated() {
            var pool = PoolView(pool: demand.pool)
            if let frontier = try nextRange().keyValues.first {
                pool.frontier = try KeySpace.address(frontier.value[...], of: frontier)
            }
            var free: [RangeResponse] = []
            for _ in PoolView.freeStretches(demand.pool) {
                free.append(try nextRange())
            }
            try pool.takeFreeKeys(free)
            if let window = windows[index] {
                let records = try nextRange()
                pool.taken = Set(try records.keyValues.map(KeySpace.address(ofKey:)))
                pool.window = records.hasMore ? pool.taken.max().flatMap { IPRange(window.first, $0) } : window
            }
            pools.append(pool)
        }
        return StoreView(revision: revision, isCurrent: isCurrent, own: own, inherited: inherited, pools: pools)
    }
}
