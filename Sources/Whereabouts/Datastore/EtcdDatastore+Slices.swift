internal import EtcdClient
internal import IPAM
internal import IPTypes

/// Allocation out of slices, which a node claims when it needs them (docs/design/slices.md).
extension EtcdDatastore {
    /// The slices that a node has, by the range that they are of.
    private typealias Slices = [SlicedRange: [IPPrefix]]

    /// How often a slice may be lost that is still told to be the node's.
    private static let repeatedLosses = 8
    /// How many slices one read looks into.
    private static let readsAtOnce = 64

    /// Allocates one address for every demand, where some pools are divided among the nodes.
    ///
    /// Of a demand the node's slices serve, and the choices that are not divided, in order. A new slice is claimed when all of these are full, or the
    /// node has none of the choices that stand before the first undivided one.
    func allocateFromSlices(
        _ request: AllocationRequest,
        begin: NodeMoment.Uptime?,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation] {
        let node = request.owner.node
        let ranges = request.demands.filter { $0.requested == nil }.flatMap(\.slicedRanges)
        var slices = try slices(of: node, ranges, .serializable, deadline: deadline)
        var losses = 0
        while true {
            guard !deadline.hasPassed else { throw .contention(tries: losses) }
            var divided = request
            for (index, demand) in request.demands.enumerated() where demand.requested == nil {
                let leading = demand.choices.prefix { $0.sliceLength != nil }
                while !leading.isEmpty, leading.allSatisfy({ $0.ownParts(slices).isEmpty }),
                    try claimSlice(of: leading, node, &slices, deadline: deadline)
                {}
                let choices = demand.choices(from: slices)
                guard !choices.isEmpty else { throw Self.slicesTaken(demand, node) }
                divided.demands[index] = AllocationRequest.Demand(
                    domain: choices[0].domain,
                    pool: choices[0].pool,
                    fallbacks: Array(choices.dropFirst())
                )
            }
            do throws(DatastoreError) {
                if let allocations = try allocate(divided, begin: begin, deadline: deadline) { return allocations }
                losses += 1
                let known = slices
                slices = try self.slices(of: node, ranges, .linearizable, deadline: deadline)
                guard slices != known || losses <= Self.repeatedLosses else {
                    let key = KeySpace.prefix + "node-slice/" + KeySpace.escape(node)
                    throw .undecodable(key: key, reason: "it names slices that are not the node's")
                }
                Backoff.pause(tries: losses)
            } catch .rangeFull(let pool, let domain) {
                let index = divided.demands.firstIndex {
                    $0.choices.last?.pool == pool && $0.choices.last?.domain == domain
                }
                guard let demand = index.map({ request.demands[$0] }), !demand.slicedRanges.isEmpty else {
                    throw .rangeFull(pool, domain)
                }
                guard try claimSlice(of: demand.choices[...], node, &slices, deadline: deadline) else {
                    throw Self.slicesTaken(demand, node)
                }
            }
        }
    }

    /// Tells which slices a node has of some ranges, in the order of the addresses.
    private func slices(
        of node: String,
        _ ranges: [SlicedRange],
        _ consistency: RangeRequest.Consistency,
        deadline: Deadline
    ) throws(DatastoreError) -> Slices {
        var slices: Slices = [:]
        let requests = ranges.map { RangeRequest($0.nodeKeys(node), consistency: consistency) }
        for (range, response) in zip(ranges, try read(requests, deadline: deadline).ranges) {
            slices[range] = try Self.prefixes(response)
        }
        return slices
    }

    private static func prefixes(_ response: RangeResponse) throws(DatastoreError) -> [IPPrefix] {
        try response.keyValues.map { keyValue throws(DatastoreError) in try NodeSlice(keyValue).prefix }
    }

    /// Claims one more slice of the first of some choices that has one left, or finds out that the node has more than was known; false when none has.
    private func claimSlice(
        of choices: ArraySlice<AllocationRequest.Demand>,
        _ node: String,
        _ slices: inout Slices,
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        for range in choices.compactMap(SlicedRange.init) {
            if let known = try claimSlice(of: range, node, known: slices[range] ?? [], deadline: deadline) {
                slices[range] = known
                return true
            }
        }
        return false
    }

    private static func slicesTaken(_ demand: AllocationRequest.Demand, _ node: String) -> DatastoreError {
        let last = demand.choices.last { $0.sliceLength != nil } ?? demand
        return .slicesTaken(last.pool, last.domain, length: last.sliceLength ?? 0, node: node)
    }

    /// Claims one more slice of a range for a node.
    ///
    /// - Returns: All slices that the node has then, among them one that was not known; nil when there is none left.
    private func claimSlice(
        of range: SlicedRange,
        _ node: String,
        known: [IPPrefix],
        deadline: Deadline
    ) throws(DatastoreError) -> [IPPrefix]? {
        var tries = 0
        while true {
            guard !deadline.hasPassed else { throw .contention(tries: tries) }
            let own = RangeRequest(range.nodeKeys(node))
            let (found, revision) = try read([own, RangeRequest(.single(range.largestKey))], deadline: deadline)
            let slices = try Self.prefixes(found[0])
            // Another call on the node was faster.
            guard Set(slices).isSubset(of: known) else { return slices }
            let largest = found[1].keyValues.first
            guard let vacancy = try vacancy(in: range, node, largest, tries: tries, deadline: deadline) else {
                return nil
            }
            let claim = SliceClaim(vacancy, of: range, for: node, largest: largest, revision: revision)
            do throws(DatastoreError) {
                if try commit(claim.txn, deadline: deadline).succeeded { return slices + [vacancy.prefix] }
            } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
                // What came of it, the node's slices tell.
            }
            tries += 1
            Backoff.pause(tries: tries)
        }
    }

    /// Finds a part of a range that is no node's, or of which its nodes use no address.
    private func vacancy(
        in range: SlicedRange,
        _ node: String,
        _ largest: KeyValue?,
        tries: Int,
        deadline: Deadline
    ) throws(DatastoreError) -> SliceVacancy? {
        let origin = range.origin(of: node, tries: tries)
        let bounds = range.pool.range.range
        let stretches = [IPRange(origin, bounds.last), origin.previous.flatMap { IPRange(bounds.first, $0) }]
        for stretch in stretches.compactMap(\.self) {
            if let gap = try gap(in: stretch, of: range, largest, deadline: deadline) { return gap }
        }
        for stretch in stretches.compactMap(\.self) {
            if let unused = try unused(in: stretch, of: range, but: node, deadline: deadline) { return unused }
        }
        return nil
    }

    /// Finds a part of a stretch that is no node's.
    private func gap(
        in stretch: IPRange,
        of range: SlicedRange,
        _ largest: KeyValue?,
        deadline: Deadline
    ) throws(DatastoreError) -> SliceVacancy? {
        var next = range.slice(from: stretch.first)
        var pages = SlicePages(client, range.keys(stretch))
        var page = try pages.next(deadline: deadline)[...]
        while let candidate = next, stretch.contains(candidate.first) {
            if page.isEmpty { page = try pages.next(deadline: deadline)[...] }
            if let slice = page.first?.slice.prefix, slice.first <= candidate.last {
                if slice.last >= candidate.first {
                    next = max(slice.last, candidate.last).next.flatMap(range.slice(from:))
                }
                page = page.dropFirst()
                continue
            }
            let above = try slices(above: candidate, of: range, largest, deadline: deadline)
            guard let cover = above.first(where: { $0.slice?.prefix.overlaps(candidate) ?? false })?.slice else {
                return SliceVacancy(prefix: candidate, unchanged: above.map { ($0.key, $0.revision) })
            }
            next = cover.prefix.last.next.flatMap(range.slice(from:))
        }
        return nil
    }

    /// What is stored under the keys of the larger slices that could cover a part of a range.
    private func slices(
        above prefix: IPPrefix,
        of range: SlicedRange,
        _ largest: KeyValue?,
        deadline: Deadline
    ) throws(DatastoreError) -> [(key: Key, revision: Int64, slice: NodeSlice?)] {
        guard let largest else { return [] }
        let firsts = (SliceClaim.length(largest)..<max(SliceClaim.length(largest), prefix.length))
            .compactMap { IPPrefix(containing: prefix.first, length: $0)?.first }
        let keys = Set(firsts).subtracting([prefix.first]).sorted().map(range.key)
        guard !keys.isEmpty else { return [] }
        let found = try read(keys.map { RangeRequest(.single($0)) }, deadline: deadline).ranges
        return try zip(keys, found).map { key, response throws(DatastoreError) in
            let keyValue = response.keyValues.first
            return (key, keyValue?.modRevision ?? 0, try keyValue.map(NodeSlice.init))
        }
    }

    /// Finds a part of a stretch that other nodes have and use no address of.
    ///
    /// What a node has claimed a short while ago it is about to use.
    private func unused(
        in stretch: IPRange,
        of range: SlicedRange,
        but node: String,
        deadline: Deadline
    ) throws(DatastoreError) -> SliceVacancy? {
        let settled = Timestamp.secondsNow - SliceClaim.settlingTime
        let domain = range.domain.keyPart
        var pages = SlicePages(client, range.keys(stretch))
        var group: SliceVacancy?
        while true {
            let page = try pages.next(deadline: deadline)
            var groups: [SliceVacancy] = []
            for stored in page {
                guard let part = IPPrefix(containing: stored.slice.prefix.first, length: range.length) else { continue }
                if let complete = group, complete.prefix != part {
                    groups.append(complete)
                    group = nil
                }
                group = SliceVacancy(prefix: part, replaced: (group?.replaced ?? []) + [stored])
            }
            if page.isEmpty, let last = group { groups.append(last) }
            let candidates = groups.filter { group in
                group.replaced.count <= SliceClaim.replacementLimit
                    && group.replaced.allSatisfy { $0.slice.node != node && $0.slice.claimed <= settled }
                    && range.pool.sliced(to: group.prefix) != nil
            }
            for start in stride(from: 0, to: candidates.count, by: Self.readsAtOnce) {
                let some = candidates[start..<min(start + Self.readsAtOnce, candidates.count)]
                let reads = some.map { candidate in
                    RangeRequest(KeySpace.addresses(domain, candidate.span), limit: 1, projection: .keysOnly)
                }
                let found = try read(reads, deadline: deadline).ranges
                if let unused = zip(some, found).first(where: { $1.keyValues.isEmpty })?.0 { return unused }
            }
            if page.isEmpty { return nil }
        }
    }

    /// The parts of a choice that are the node's slices.
    func parts(
        of choice: AllocationRequest.Demand,
        deadline: Deadline
    ) throws(DatastoreError) -> [AllocationRequest.Demand] {
        guard let range = SlicedRange(choice) else { return [] }
        let slices = try slices(of: node, [range], .linearizable, deadline: deadline)[range] ?? []
        return choice.parts(slices)
    }

    /// Whether the node could claim one more slice of a choice.
    func hasVacancy(_ choice: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) -> Bool {
        guard let range = SlicedRange(choice) else { return false }
        let largest = try read([RangeRequest(.single(range.largestKey))], deadline: deadline).ranges[0].keyValues.first
        return try vacancy(in: range, node, largest, tries: 0, deadline: deadline) != nil
    }
}

extension AllocationRequest {
    /// Whether some address is to come out of a slice.
    ///
    /// One that is asked for may come from anywhere: its pod may have moved to another node.
    var isSliced: Bool {
        demands.contains { $0.requested == nil && !$0.slicedRanges.isEmpty }
    }
}

extension AllocationRequest.Demand {
    /// The choices that are divided among the nodes, in order.
    fileprivate var slicedRanges: [SlicedRange] {
        choices.compactMap(SlicedRange.init)
    }

    /// The choices with a node's slices in place of what is divided.
    fileprivate func choices(from slices: [SlicedRange: [IPPrefix]]) -> [AllocationRequest.Demand] {
        choices.flatMap { choice in
            choice.sliceLength == nil
                ? [AllocationRequest.Demand(domain: choice.domain, pool: choice.pool)] : choice.ownParts(slices)
        }
    }

    /// The parts of the choice alone, without what serves in its place, that are a node's slices.
    fileprivate func ownParts(_ slices: [SlicedRange: [IPPrefix]]) -> [AllocationRequest.Demand] {
        SlicedRange(self).map { parts(slices[$0] ?? []) } ?? []
    }

    /// The parts of the choice's pool that lie in slices.
    func parts(_ slices: [IPPrefix]) -> [AllocationRequest.Demand] {
        slices.compactMap(pool.sliced(to:)).map {
            AllocationRequest.Demand(domain: domain, pool: $0, requested: requested)
        }
    }
}
