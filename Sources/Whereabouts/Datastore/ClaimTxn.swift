internal import EtcdClient
internal import IPAM
internal import IPTypes

/// The transaction that gives an owner its addresses: a chain of tries, which the server runs in one step.
///
///     if nothing of the owner has changed since the view
///     then if candidate 1 of every missing demand is absent then claim them
///          else if candidate 2 … then …
///               else read what the next try needs
///     else read what the next try needs
///
/// A link claims one candidate of every demand, by a conjunction, so that it takes all or nothing.
struct ClaimTxn {
    /// What came of the transaction.
    enum Outcome {
        /// The addresses of all demands, in order.
        case claimed([IPAddress])
        /// Others were faster. The view is what they left, nil when reading it did not fit into the transaction.
        case lost(StoreView?)
    }

    /// etcd's default of `--max-txn-ops`, which counts on each path through the branches the longest list of each level.
    private static let operationLimit = 128

    let txn: Txn
    private let unchangedReader: StoreViewReader
    private let windowReader: StoreViewReader
    /// For each link the addresses of all demands.
    private let addresses: [[IPAddress]]

    /// Builds the transaction for candidates of the missing demands, of which each has at least one.
    init(_ request: AllocationRequest, _ view: StoreView, _ holdings: Holdings, _ candidates: [Int: [Candidate]]) {
        let encoding = ClaimEncoding(request)
        let reader = StoreViewReader(request)
        var windowReader = reader
        for (index, candidates) in candidates {
            windowReader.windows[index] = Self.window(candidates, of: view.pools[index])
        }

        let passing = holdings.inherited.flatMap { encoding.passOver($0.demand, $0.owned) }
        let count = candidates.values.map(\.count).min() ?? 1
        let readsFit = request.demands.count <= Self.readingDemandLimit
        var rest = readsFit ? windowReader.operations(.linearizable) : []
        var addresses: [[IPAddress]] = []
        for link in (0..<count).reversed() {
            var conditions: [Compare] = []
            var claims = passing
            var chosen: [IPAddress] = []
            for (index, cover) in holdings.covers.enumerated() {
                if let cover {
                    chosen.append(cover.address)
                } else if let candidate = candidates[index]?[link] {
                    conditions.append(.isAbsent(encoding.key(index, candidate.address)))
                    // With several missing demands a link may have failed for any one of them, so that only the
                    // first link knows that all below its candidates is taken.
                    let raises = candidate.raisesFrontier && (link == 0 || candidates.count == 1)
                    claims += encoding.claim(index, candidate.address, raisesFrontier: raises)
                    chosen.append(candidate.address)
                }
            }
            addresses.append(chosen)
            rest = conditions.isEmpty ? claims : [.txn(Txn(if: conditions, then: claims, else: rest))]
        }

        let unchanged = reader.ownerKeys.map { Compare($0, .less, .modRevision(view.revision + 1)) }
        let present = holdings.covers.compactMap { $0 }.map { Compare.isUnchanged($0.addressKey, since: $0.revision) }
        txn = Txn(if: unchanged + present, then: rest, else: readsFit ? reader.operations(.linearizable) : [])
        unchangedReader = reader
        self.windowReader = windowReader
        self.addresses = addresses.reversed()
        self.readsFit = readsFit
        hasChain = !candidates.isEmpty
    }

    private let readsFit: Bool
    private let hasChain: Bool

    /// Reads the server's answer.
    func outcome(_ response: TxnResponse) throws(DatastoreError) -> Outcome {
        let revision = response.header?.revision ?? 0
        guard response.succeeded else {
            return .lost(
                readsFit ? try unchangedReader.view(response.results, revision: revision, isCurrent: true) : nil
            )
        }
        guard hasChain else {
            return .claimed(addresses.first ?? [])
        }
        var results = response.results
        for chosen in addresses {
            guard case .txn(let link)? = results.first else {
                throw .undecodable(key: KeySpace.prefix, reason: "a transaction has fewer results than operations")
            }
            if link.succeeded { return .claimed(chosen) }
            results = link.results
        }
        return .lost(readsFit ? try windowReader.view(results, revision: revision, isCurrent: true) : nil)
    }

    /// The stretch from the first candidate above the frontier to some way behind the last, where the next
    /// candidates will be looked for.
    private static func window(_ candidates: [Candidate], of view: PoolView) -> IPRange? {
        guard let first = candidates.first(where: \.raisesFrontier)?.address, let last = candidates.last?.address else {
            return nil
        }
        let end = last.advanced(by: 64) ?? last
        return IPRange(first, min(end, view.pool.bounds.last))
    }

    /// The reads that a lost transaction answers with are left out above this number of demands, to keep to the limit.
    private static let readingDemandLimit = 4

    /// The most operations of one demand: record, three index keys, the free key, and the frontier; or, where an address
    /// passes over from an earlier container, record, three index keys, and two earlier ones.
    private static let operationsPerDemand = 6

    /// The number of demands that one transaction can meet: each takes a condition on the first level, beside two on the
    /// owner, and its operations on the second.
    static let demandLimit = (operationLimit - 2) / (operationsPerDemand + 1)

    /// The number of links that fit into one transaction, at least one.
    static func linkLimit(_ request: AllocationRequest) -> Int {
        let demands = request.demands.count
        let reads = demands <= readingDemandLimit ? 2 + 3 * demands : 0
        return max(1, (operationLimit - max(2 + demands, reads) - reads) / (demands * operationsPerDemand))
    }
}
