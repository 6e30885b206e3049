internal import EtcdClient
internal import IPAM
internal import IPTypes

/// The transaction that gives an owner its addresses: for every missing demand a chain of tries, which the server runs in
/// one step.
///
///     if nothing of the owner has changed since the view
///     then if all candidates of demand 1 are taken then read what the next try needs
///          else if all candidates of demand 2 are taken then read …
///               else, side by side:
///                    if candidate 1 of demand 1 is absent then claim it else if candidate 2 … then …
///                    if candidate 1 of demand 2 is absent then claim it else if candidate 2 … then …
///     else read what the next try needs
///
/// etcd judges all conditions, nested ones too, before it writes anything. So where the chains run side by side, each of
/// them is known to find a free candidate, and takes the first: all demands are met, or none.
struct ClaimTxn {
    /// What came of the transaction.
    enum Outcome {
        /// The addresses of all demands, in order.
        case claimed([IPAddress])
        /// Others were faster: what the owner has changed, or all candidates of one demand were taken.
        ///
        /// The view is what they left, nil when reading it did not fit into the transaction.
        case lost(StoreView?, takenDemand: Int?)
    }

    let txn: Txn
    private let holdings: Holdings
    /// The candidates that it tries, by demand.
    let candidates: [[Candidate]]
    /// The missing demands, in the order of their chains.
    private let missing: [Int]
    private let isGuarded: Bool
    /// The number of results that stand before those of the chains.
    private let passingCount: Int
    private let ownerReader: StoreViewReader?
    /// What reads for the next try when all candidates of a demand were taken, by demand; empty when nothing does.
    private let windowReaders: [StoreViewReader]

    /// Builds the transaction, with as many of the candidates as etcd's limit of operations lets in.
    ///
    /// There are candidates for each demand, at least one where it is missing. The place is left with the claim, or for another
    /// one. What the next try needs is read only where that leaves room for some of them.
    init(
        _ request: AllocationRequest,
        _ view: StoreView,
        _ holdings: Holdings,
        _ candidates: [[Candidate]],
        _ place: QueuePlace?
    ) {
        let encoding = ClaimEncoding(request)
        let most = candidates.map(\.count).max() ?? 0
        var (reads, limit) = (true, most)
        while true {
            let fitting = candidates.map { Array($0.prefix(limit)) }
            let claim = ClaimTxn(request, view, holdings, fitting, place, encoding, reads: reads)
            let least = reads ? Self.leastWithReads : 1
            guard claim.txn.operationCount > Self.operationLimit, limit > least || reads else {
                self = claim
                return
            }
            (reads, limit) = limit > least ? (reads, max(least, limit * 3 / 4)) : (false, most)
        }
    }

    private init(
        _ request: AllocationRequest,
        _ view: StoreView,
        _ holdings: Holdings,
        _ candidates: [[Candidate]],
        _ place: QueuePlace?,
        _ encoding: ClaimEncoding,
        reads: Bool
    ) {
        let missing = holdings.missing
        let reader = StoreViewReader(request)
        var windowReader = reader
        // A requested address that is taken is no race, so no place is drawn for it.
        let drawing = missing.filter { request.demands[$0].requested == nil }
        for index in drawing {
            windowReader.windows[index] = Self.window(candidates[index], of: view.pools[index])
        }
        var drawingReader = windowReader
        drawingReader.draw = drawing.first.map { index in
            StoreViewReader.Draw(queue: Queue(request.demands[index], at: reader.now), earlier: place)
        }
        let windowReaders = request.demands.map { $0.requested == nil ? drawingReader : windowReader }
        let drawingReads = reads ? drawingReader.operations(.linearizable) : []
        let windowReads = reads && drawing.count < missing.count ? windowReader.operations(.linearizable) : []
        let lostReads = request.demands.map { $0.requested == nil ? drawingReads : windowReads }

        let passing = holdings.inherited.map { pool, owned in
            TxnOperation.txn(Txn(then: encoding.passOver(pool, owned)))
        }
        // A chain alone needs no guard: when it loses, its own end reads for the next try.
        let isGuarded = !missing.isEmpty && passing.count + missing.count > 1
        // Where the times of free keys count, a candidate that was released since the view is fresh: a chain passes it over. Where
        // several run side by side each must find one, so there none of them may be.
        let times = request.policy.reuseDelay > 0 ? Self.times(of: missing, candidates, request, view) : [:]
        let chains = missing.flatMap { index in
            Self.chain(
                index,
                candidates[index],
                encoding,
                times: isGuarded ? [:] : times,
                leaving: index == missing.first ? place : nil,
                orElse: isGuarded ? [] : lostReads[index]
            )
        }
        var body = passing + chains
        for index in missing.reversed() where isGuarded {
            let taken = candidates[index].map { candidate in
                Compare(encoding.key(index, candidate.address), .greater, .createRevision(0))
            }
            body = [.txn(Txn(if: taken, then: lostReads[index], else: body))]
        }

        let unchanged =
            reader.guardedKeys.map { Self.isUnchanged($0, since: view) } + view.unchangedSlices
            + (isGuarded ? Array(times.values) : [])
        let present = holdings.covers.compactMap { $0 }.map { Compare.isUnchanged($0.addressKey, since: $0.revision) }
        txn = Txn(if: unchanged + present, then: body, else: reads ? reader.operations(.linearizable) : [])
        self.holdings = holdings
        self.candidates = candidates
        self.missing = missing
        self.isGuarded = isGuarded
        passingCount = passing.count
        ownerReader = reads ? reader : nil
        self.windowReaders = reads ? windowReaders : []
    }

    /// The condition that no key of a range was written behind the view.
    private static func isUnchanged(_ keys: KeyRange, since view: StoreView) -> Compare {
        Compare(keys, .less, .modRevision(min(view.revision, .max - 1) + 1))
    }

    /// For each candidate the condition that it was not released behind the view.
    ///
    /// Not one condition on the stretch between them: where others release all the time, no claim would ever find that unchanged.
    private static func times(
        of missing: [Int],
        _ candidates: [[Candidate]],
        _ request: AllocationRequest,
        _ view: StoreView
    ) -> [Key: Compare] {
        var times: [Key: Compare] = [:]
        for index in missing {
            let domain = request.demands[index].domain.keyPart
            for candidate in candidates[index] {
                let free = KeyRange.single(KeySpace.free(domain, candidate.address))
                times[KeySpace.address(domain, candidate.address)] = isUnchanged(free, since: view)
            }
        }
        return times
    }

    /// The tries of one demand, each in the other branch of the one before; the one that succeeds leaves a place.
    private static func chain(
        _ demand: Int,
        _ candidates: [Candidate],
        _ encoding: ClaimEncoding,
        times: [Key: Compare],
        leaving place: QueuePlace?,
        orElse lost: [TxnOperation]
    ) -> [TxnOperation] {
        var leaving = place.map { [TxnOperation.put(PutRequest($0.queue.served, ""))] } ?? []
        if let place, place.number == 1 {
            // Who was the first one in a queue removes those before it.
            leaving.append(.deleteRange(DeleteRangeRequest(place.queue.earlier)))
        }
        return candidates.reversed().reduce(lost) { rest, candidate in
            let key = encoding.key(demand, candidate.address)
            let conditions = [Compare.isAbsent(key)] + (times[key].map { [$0] } ?? [])
            return [.txn(Txn(if: conditions, then: encoding.claim(demand, candidate) + leaving, else: rest))]
        }
    }

    /// Reads the server's answer.
    func outcome(_ response: TxnResponse) throws(DatastoreError) -> Outcome {
        let revision = response.header?.revision ?? 0
        guard response.succeeded else {
            let view = try ownerReader?.view(response.results, revision: revision, isCurrent: true)
            return .lost(view, takenDemand: nil)
        }
        var results = response.results
        if isGuarded {
            for index in missing {
                let taken = try Self.nested(results.first)
                results = taken.results
                guard !taken.succeeded else {
                    let view = try lostView(index, results, revision)
                    return .lost(view, takenDemand: index)
                }
            }
        }
        guard results.count == passingCount + missing.count else { throw .shortAnswer }
        var claimed: [IPAddress?] = holdings.covers.map { $0?.address }
        for (position, index) in missing.enumerated() {
            var link = try Self.nested(results[passingCount + position])
            for candidate in candidates[index] where claimed[index] == nil {
                if link.succeeded {
                    claimed[index] = candidate.address
                } else if case .txn(let next)? = link.results.first {
                    link = next
                }
            }
            guard claimed[index] != nil else {
                let view = try lostView(index, link.results, revision)
                return .lost(view, takenDemand: index)
            }
        }
        return .claimed(claimed.compactMap { $0 })
    }

    /// The view that came with the loss of a demand.
    private func lostView(
        _ demand: Int,
        _ results: [TxnResult],
        _ revision: Int64
    ) throws(DatastoreError) -> StoreView? {
        guard !windowReaders.isEmpty else { return nil }
        return try windowReaders[demand].view(results, revision: revision, isCurrent: true)
    }

    private static func nested(_ result: TxnResult?) throws(DatastoreError) -> TxnResponse {
        guard case .txn(let response)? = result else { throw .shortAnswer }
        return response
    }

    /// The stretch from the first address behind the mark to some way behind the last candidate, where the next candidates will
    /// be looked for; nil where all candidates lie below the frontier.
    private static func window(_ candidates: [Candidate], of view: PoolView) -> IPRange? {
        guard let first = view.start, let last = candidates.map(\.address).filter({ $0 >= first }).max() else {
            return nil
        }
        let end = last.advanced(by: windowReach) ?? last
        return IPRange(first, min(end, view.pool.bounds.last))
    }
}

/// The sizes that keep a transaction within etcd's limit of operations, see `Txn.operationCount`.
extension ClaimTxn {
    /// etcd's default of `--max-txn-ops`.
    static let operationLimit = 128
    /// The most candidates of one demand.
    static let candidateLimit = 8
    /// How far behind the last candidate the taken addresses are read when all were taken.
    private static let windowReach: UInt128 = 64
    /// So few candidates at least are worth the reads for the next try; with fewer, the room is theirs.
    private static let leastWithReads = 4
    /// The most operations of an address that passes over from an earlier container.
    ///
    /// Record, three index keys, two earlier ones, and the one of its retention.
    private static let passingOperations = 7
    /// The most operations of a claim: record, three index keys, free key, mark, and two of its place in the queue.
    private static let claimOperations = 8

    /// The number of demands that one transaction can meet, with one candidate each.
    ///
    /// Each takes two conditions on the first level, a level of its own, and an operation on the level of the chains. A
    /// release is less frugal: it takes five operations for each on one level.
    static let demandLimit = min((operationLimit - 3 - max(passingOperations, claimOperations)) / 4, operationLimit / 5)
}
