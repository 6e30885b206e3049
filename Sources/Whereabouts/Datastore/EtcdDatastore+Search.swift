internal import EtcdClient
internal import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// The most operations of one read; half of etcd's limit.
    private static let readLimit = 64
    /// The most addresses that are read one by one.
    private static let leafSize: UInt128 = 256

    /// Finds the lowest free addresses of a pool by counting records, at one revision, without a hint.
    ///
    /// Sixteen or more pieces are counted in one step. The first piece with fewer records than addresses holds the lowest
    /// free one; of a piece with n records it is among the first n + 1 addresses. A step costs the server some
    /// 60 nanoseconds a record, so this is not the everyday way: it proves that a pool is full, and finds the way back
    /// where no frontier is known.
    ///
    /// A pool that goes round is searched from its mark on. Addresses that are fresh in the view are passed over.
    ///
    /// - Returns: At least one candidate, at most `limit`, in the order to try them in.
    /// - Throws: `.rangeFull` when every address of the pool that is not fresh has a record, at one moment.
    func search(
        _ view: PoolView,
        _ domain: AllocationDomain,
        limit: Int,
        deadline: Deadline
    ) throws(DatastoreError) -> [Candidate] {
        while true {
            do throws(DatastoreError) {
                return try searchOnce(view, domain, limit: limit, deadline: deadline)
            } catch .etcd(let error) where error.code == .server(.compacted) && !deadline.hasPassed {
                // The revision of the search is gone; another one will do.
            }
        }
    }

    private func searchOnce(
        _ view: PoolView,
        _ allocationDomain: AllocationDomain,
        limit: Int,
        deadline: Deadline
    ) throws(DatastoreError) -> [Candidate] {
        let domain = allocationDomain.keyPart
        let fresh = view.fresh.keys.filter(view.pool.allocatable.contains)
        func freshCount(_ piece: IPRange) -> UInt128 {
            UInt128(fresh.count(where: piece.contains))
        }
        var pieces = Self.pieces(view)
        var revision: Int64 = 0
        while let first = pieces.first {
            if pieces.count == 1, first.count <= Self.leafSize {
                let free = try freeAddresses(domain, first, revision, deadline).filter { view.fresh[$0] == nil }
                guard !free.isEmpty else { break }
                // A fresh address that was counted twice may hide one that was never given out, which only a frontier minds.
                let isExact = view.strategy == .next || view.fresh.isEmpty
                let known = free.map { isExact ? view.candidate($0) : Candidate(address: $0, mark: nil) }
                return view.share(of: known, limit: limit, frontier: isExact ? free[0].previous : nil)
            }
            let batch = Self.split(pieces)
            var requests: [RangeRequest] = []
            for piece in batch {
                var request = RangeRequest(KeySpace.addresses(domain, piece), projection: .countOnly)
                request.revision = revision
                requests.append(request)
            }
            let (counts, readRevision) = try read(requests, deadline: deadline)
            revision = revision == 0 ? readRevision : revision
            for index in batch.indices where UInt128(clamping: counts[index].count) > batch[index].count {
                // More keys than addresses: one of them is none of ours, and reading it names it.
                _ = try freeAddresses(domain, batch[index], revision, deadline)
            }
            // A fresh address that was claimed meanwhile counts twice, and at worst is looked for in the next piece.
            let known = batch.indices.map { UInt128(clamping: counts[$0].count) + freshCount(batch[$0]) }
            if let index = batch.indices.first(where: { known[$0] < batch[$0].count }) {
                let reach = max(Self.leafSize - 1, known[index])
                let last = batch[index].first.advanced(by: reach).map { min($0, batch[index].last) }
                pieces = [IPRange(batch[index].first, last ?? batch[index].last) ?? batch[index]]
            } else {
                pieces.removeFirst(min(pieces.count, Self.readLimit))
            }
        }
        throw .rangeFull(view.pool, allocationDomain)
    }

    /// What is to be searched, in order.
    private static func pieces(_ view: PoolView) -> [IPRange] {
        let ranges = view.pool.allocatable.ranges
        guard view.strategy == .next, let start = view.start else { return ranges }
        let behind = ranges.compactMap { IPRange(max($0.first, start), $0.last) }
        let before = ranges.prefix { $0.first < start }.compactMap { range in
            start.previous.flatMap { IPRange(range.first, min(range.last, $0)) }
        }
        return behind + before
    }

    /// The addresses of a small stretch that have no record.
    private func freeAddresses(
        _ domain: String,
        _ stretch: IPRange,
        _ revision: Int64,
        _ deadline: Deadline
    ) throws(DatastoreError) -> [IPAddress] {
        var request = RangeRequest(KeySpace.addresses(domain, stretch), projection: .keysOnly)
        request.revision = revision
        let taken = Set(try read([request], deadline: deadline).ranges[0].keyValues.map(KeySpace.address(ofKey:)))
        return (0..<stretch.count).compactMap { stretch.first.advanced(by: $0) }.filter { !taken.contains($0) }
    }

    /// The first pieces, as many as one read takes; few large ones are cut so that there are sixteen or more.
    private static func split(_ pieces: [IPRange]) -> [IPRange] {
        guard pieces.count < 16 else { return Array(pieces.prefix(readLimit)) }
        let parts = UInt128(16 / pieces.count)
        return pieces.flatMap { piece -> [IPRange] in
            let size = max(leafSize, piece.count / parts + 1)
            var cut: [IPRange] = []
            var first: IPAddress? = piece.first
            while let start = first, start <= piece.last {
                let last = start.advanced(by: size - 1).map { min($0, piece.last) } ?? piece.last
                if let part = IPRange(start, last) {
                    cut.append(part)
                }
                first = last == piece.last ? nil : last.next
            }
            return cut
        }
    }
}
