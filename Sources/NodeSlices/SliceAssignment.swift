internal import IPAM
internal import IPTypes

/// Which node has which slices of one range.
///
/// Nothing here takes away what is in use: a slice goes in two steps, and whoever calls knows whether it is used.
struct SliceAssignment: Equatable {
    /// The slices: a node's present one stands before the others that it has.
    private(set) var entries: [SliceEntry]

    init(_ entries: [SliceEntry]) {
        self.entries = entries
    }

    /// Tells which slices are to go once nobody uses them.
    ///
    /// - Parameters:
    ///   - nodes: The nodes that there are.
    ///   - length: The prefix length of a slice at present.
    ///   - pool: What can be given out of the range; nil when it is not divided any more.
    /// - Returns: Those of nodes that are not there, and all but one that serves of each node.
    func surplus(nodes: Set<String>, length: Int, of pool: AddressPool?) -> [SliceEntry] {
        var served: Set<String> = []
        return entries.filter { entry in
            guard !entry.isRetired else { return false }
            guard let pool, nodes.contains(entry.node), Self.serves(entry, length: length, of: pool) else {
                return true
            }
            return !served.insert(entry.node).inserted
        }
    }

    /// Whether a slice is of the present size, and something can be given out of it.
    private static func serves(_ entry: SliceEntry, length: Int, of pool: AddressPool) -> Bool {
        !entry.isRetired && entry.prefix.length == length && pool.sliced(to: entry.prefix) != nil
    }

    /// Has a node stop using a slice.
    mutating func retire(_ entry: SliceEntry) {
        replace(entry, SliceEntry(entry.node, entry.prefix, isRetired: true))
    }

    /// Gives a node a slice back that it was to lose.
    mutating func restore(_ entry: SliceEntry) {
        replace(entry, SliceEntry(entry.node, entry.prefix))
    }

    /// Takes out a slice that nobody uses any more.
    mutating func remove(_ entry: SliceEntry) {
        entries.removeAll { $0 == entry }
    }

    private mutating func replace(_ entry: SliceEntry, _ other: SliceEntry) {
        guard let index = entries.firstIndex(of: entry) else { return }
        entries[index] = other
    }

    /// Gives each node that has no slice of the present size the first one that is free.
    ///
    /// - Parameters:
    ///   - nodes: The nodes in the order in which they are served.
    ///   - length: The prefix length of a slice.
    ///   - pool: What can be given out of the range.
    ///   - others: The slices of other ranges of the network, which may overlap. A node gets the same one here as there if it can.
    /// - Returns: The nodes for which there was none.
    mutating func assign(
        nodes: [String],
        length: Int,
        of pool: AddressPool,
        beside others: [SliceEntry] = []
    ) -> [String] {
        let served = Set(entries.filter { Self.serves($0, length: length, of: pool) }.map(\.node))
        var unserved: [String] = []
        var taken = IPRangeSet((entries + others).map(\.prefix.range))
        var next = pool.slice(ofLength: length, from: pool.range.first)
        for node in nodes where !served.contains(node) {
            if let same = sameSlice(for: node, length: length, of: pool, beside: others) {
                entries.append(SliceEntry(node, same))
                continue
            }
            while let candidate = next, let other = taken.ranges.first(where: candidate.range.overlaps) {
                // Behind all of it: what a large slice covers are too many to be tried one by one.
                next = max(candidate.last, other.last).next.flatMap { pool.slice(ofLength: length, from: $0) }
            }
            guard let slice = next else {
                unserved.append(node)
                continue
            }
            entries.append(SliceEntry(node, slice))
            taken = taken.union(IPRangeSet([slice.range]))
            next = slice.last.next.flatMap { pool.slice(ofLength: length, from: $0) }
        }
        sort(length: length)
        return unserved
    }

    /// The slice that a node has of another range and can have of this one too.
    private func sameSlice(
        for node: String,
        length: Int,
        of pool: AddressPool,
        beside others: [SliceEntry]
    ) -> IPPrefix? {
        others.first { other in
            other.node == node && Self.serves(other, length: length, of: pool)
                && !(entries + others.filter { $0.node != node }).contains { $0.prefix.overlaps(other.prefix) }
        }?.prefix
    }

    /// In the order of the addresses, those of the present size first: who reads takes a node's first.
    private mutating func sort(length: Int) {
        entries.sort { first, second in
            let (isPresent, other) = (first.prefix.length == length, second.prefix.length == length)
            guard isPresent == other else { return isPresent }
            return first.prefix.first < second.prefix.first
        }
    }
}
