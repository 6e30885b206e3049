package import EtcdClient

/// A datastore's allocations, as those read them who look after it from outside of any call of the plugin.
package protocol AllocationReader {
    /// Reads all allocations of a scope, page by page; the function is given each, and returns whether it wants more.
    func scan(
        _ scope: AllocationScope,
        deadline: Deadline,
        _ body: (AllocationPage) -> Bool
    ) throws(DatastoreError)

    /// Reads the allocations of places as they are now.
    func allocations(at places: [AllocationPlace], deadline: Deadline) throws(DatastoreError) -> [StoredAllocation]

    /// Reads the allocations of a node, as far as the datastore tells of them where they are; cheap, whatever the number of the others.
    func allocations(onNode node: String, deadline: Deadline) throws(DatastoreError) -> NodeAllocations

    /// Tells how much of a pool is taken.
    func occupancy(of pool: ConfiguredPool, deadline: Deadline) throws(DatastoreError) -> PoolOccupancy

    /// Reads what was noted of allocations that look stranded.
    func candidates(deadline: Deadline) throws(DatastoreError) -> [AllocationPlace: StrandedCandidate]
}

extension EtcdDatastore: AllocationReader {}
extension KubernetesDatastore: AllocationReader {}
