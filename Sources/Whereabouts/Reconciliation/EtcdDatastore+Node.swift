package import EtcdClient
internal import IPAM
internal import IPTypes

/// What a node's own programs ask for, of the keys of that node alone.
extension EtcdDatastore {
    /// Reads the allocations of a node's containers.
    ///
    /// - Throws: `.etcd`.
    package func allocations(onNode node: String, deadline: Deadline) throws(DatastoreError) -> NodeAllocations {
        let prefix = KeySpace.nodePrefix(node)
        var found = NodeAllocations()
        var rest: KeyRange? = .prefix(Key(prefix))
        while let range = rest {
            let listing = RangeRequest(range, limit: Self.listingPageSize, projection: .keysOnly)
            let response = try read([listing], deadline: deadline).ranges[0]
            var places: [AllocationPlace] = []
            for keyValue in response.keyValues {
                guard let (domain, address) = KeySpace.parse(keyValue.key, after: prefix) else {
                    let reason = "the key names no domain and address"
                    found.errors.append(.undecodable(key: keyValue.key.description, reason: reason))
                    continue
                }
                places.append(AllocationPlace(domain: domain, address: address))
            }
            // What the record says counts: what was given to another node meanwhile is not this one's any more.
            found.allocations += try allocations(at: places, deadline: deadline).filter { $0.owner.node == node }
            rest = Self.rest(of: range, behind: response)
        }
        found.count = found.allocations.count
        return found
    }

    /// Tells how much of a pool is taken, and how much of that waits for its pods.
    ///
    /// - Throws: `.etcd`.
    package func occupancy(of pool: ConfiguredPool, deadline: Deadline) throws(DatastoreError) -> PoolOccupancy {
        let domain = pool.demand.domain.keyPart
        let bounds = pool.demand.pool.bounds
        let counts = try read(
            [
                RangeRequest(KeySpace.addresses(domain, bounds), projection: .countOnly),
                RangeRequest(KeySpace.retained(domain), projection: .keysOnly),
            ],
            deadline: deadline
        ).ranges
        let pending = counts[1].keyValues.count { keyValue in
            KeySpace.retainedAddress(keyValue.key).map(bounds.contains) ?? false
        }
        return PoolOccupancy(used: Int(clamping: counts[0].count), pending: pending)
    }
}
