internal import EtcdClient
internal import IPAM
internal import IPTypes

/// A range that is divided among the nodes, with the keys of its slices (docs/design/slices.md).
struct SlicedRange: Hashable {
    let domain: AllocationDomain
    let pool: AddressPool
    /// The prefix length of new slices.
    let length: Int

    /// The range of a choice; nil for one that is not divided.
    init?(_ choice: AllocationRequest.Demand) {
        guard let length = choice.sliceLength, length >= choice.pool.range.length else { return nil }
        domain = choice.domain
        pool = choice.pool
        self.length = length
    }

    /// The first slice from an address on out of which something can be given; nil when there is none.
    func slice(from address: IPAddress) -> IPPrefix? {
        pool.slice(ofLength: length, from: address)
    }

    /// The address from which a node looks for a free slice: nodes that begin at the same time don't all begin at the same place.
    func origin(of node: String, tries: Int) -> IPAddress {
        var hash = FNV1a()
        hash.add(node)
        hash.add(String(tries))
        let span = pool.bounds.first.distance(to: pool.bounds.last) ?? 0
        let limit = Int64(clamping: span)
        let address = pool.bounds.first.advanced(by: UInt128(hash.value(below: limit))) ?? pool.bounds.first
        return IPPrefix(containing: address, length: length)?.first ?? pool.range.first
    }

    // MARK: Keys

    /// The key of the slice that begins with an address.
    func key(_ first: IPAddress) -> Key {
        KeySpace.slice(domain.keyPart, pool.range, first)
    }

    /// The keys of the slices that begin in a stretch.
    func keys(_ stretch: IPRange) -> KeyRange {
        .range(key(stretch.first), through: key(stretch.last))
    }

    /// The key that tells that a node has the slice which begins with an address.
    func nodeKey(_ node: String, _ first: IPAddress) -> Key {
        Key(KeySpace.nodeSlicePrefix(node, domain.keyPart, pool.range) + first.fixedWidthText)
    }

    /// The keys of the slices that a node has.
    func nodeKeys(_ node: String) -> KeyRange {
        .prefix(Key(KeySpace.nodeSlicePrefix(node, domain.keyPart, pool.range)))
    }

    /// The key of the prefix length of the largest slices that there ever were.
    var largestKey: Key {
        KeySpace.largestSlice(domain.keyPart, pool.range)
    }
}
