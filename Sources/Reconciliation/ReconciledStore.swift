package import EtcdClient
package import Whereabouts

/// A datastore as a reconciler uses it.
package protocol ReconciledStore: AnyObject {
    /// The datastore's name in a configuration.
    var kind: String { get }

    /// The namespace of the datastore's objects; nil for one that has none.
    var namespace: String? { get }

    /// Becomes the only reconciler of the store, until `leave`; whatever is written behind that is written only as long as it is.
    ///
    /// - Throws: `.taken`, `.datastore`.
    func enter(as name: String, deadline: Deadline) throws(ReconciliationError)

    /// Works beside reconcilers, as those of single nodes do: what is released is guarded by the version that was read, and nothing else is written.
    func enterBesideOthers()

    /// Lets other reconcilers work.
    func leave()

    /// The allocations to read.
    var reader: any AllocationReader { get }

    /// Releases allocations, each unless it was changed since it was read; tells of each, in their order, what came of it, and nil or
    /// nothing where it was not tried any more.
    ///
    /// - Throws: `.lost`.
    func release(
        _ allocations: [StoredAllocation],
        deadline: Deadline
    ) throws(ReconciliationError) -> [GuardedRelease?]

    /// Frees an address that waits for its pod no longer, and returns whether that is so.
    func releaseExpired(_ place: AllocationPlace, deadline: Deadline) throws(ReconciliationError) -> Bool

    /// Writes such notes, and removes those that are nil.
    ///
    /// - Throws: `.lost`, `.datastore`.
    func note(_ notes: [AllocationPlace: StrandedCandidate?], deadline: Deadline) throws(ReconciliationError)

    /// Repairs halves of what belongs together.
    ///
    /// - Parameters:
    ///   - nodes: The nodes that there are; nil where nobody knows.
    ///   - isDryRun: Whether to tell only what would be done.
    ///   - deadline: When to end in any case.
    /// - Returns: What was done, or would be.
    /// - Throws: `.lost`, `.datastore`.
    func repair(
        nodes: Set<String>?,
        isDryRun: Bool,
        deadline: Deadline
    ) throws(ReconciliationError) -> [StoreRepair]
}

extension ReconciledStore {
    /// Calls a datastore, whose failure becomes the reconciliation's.
    func call<Result>(_ body: () throws(DatastoreError) -> Result) throws(ReconciliationError) -> Result {
        do throws(DatastoreError) {
            return try body()
        } catch {
            throw .datastore(error)
        }
    }

    /// Reads all allocations of a scope, page by page.
    package func scan(
        _ scope: AllocationScope,
        deadline: Deadline,
        _ body: (AllocationPage) throws(ReconciliationError) -> Void
    ) throws(ReconciliationError) {
        var failure: ReconciliationError?
        try call { () throws(DatastoreError) in
            try reader.scan(scope, deadline: deadline) { page in
                do throws(ReconciliationError) {
                    try body(page)
                } catch {
                    failure = error
                }
                return failure == nil
            }
        }
        if let failure { throw failure }
    }

    /// Reads the allocations of places as they are now.
    package func allocations(
        at places: [AllocationPlace],
        deadline: Deadline
    ) throws(ReconciliationError) -> [StoredAllocation] {
        try call { () throws(DatastoreError) in try reader.allocations(at: places, deadline: deadline) }
    }

    /// Reads the allocations of a node, as far as the datastore tells of them where they are.
    package func allocations(onNode node: String, deadline: Deadline) throws(ReconciliationError) -> NodeAllocations {
        try call { () throws(DatastoreError) in try reader.allocations(onNode: node, deadline: deadline) }
    }

    /// Tells how much of a pool is taken.
    package func occupancy(of pool: ConfiguredPool, deadline: Deadline) throws(ReconciliationError) -> PoolOccupancy {
        try call { () throws(DatastoreError) in try reader.occupancy(of: pool, deadline: deadline) }
    }

    /// Reads what was noted of allocations that look stranded.
    package func candidates(
        deadline: Deadline
    ) throws(ReconciliationError) -> [AllocationPlace: StrandedCandidate] {
        try call { () throws(DatastoreError) in try reader.candidates(deadline: deadline) }
    }
}
