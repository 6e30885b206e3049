internal import EtcdClient
internal import IPAM
internal import IPTypes

/// Where allocations are kept: what the plugin's verbs need of it.
///
/// Each implementation keeps the invariants of docs/design/allocation.md, and passes the tests of DatastoreConformanceTests.
protocol Datastore {
    /// Tells whether the store can be read at all.
    func probe(deadline: Deadline) throws(DatastoreError)

    /// Allocates one address for every demand, all or none.
    func allocate(
        _ request: AllocationRequest,
        begin: NodeMoment?,
        deadline: Deadline
    ) throws(DatastoreError) -> [Allocation]

    /// Releases everything that an attachment has, and returns how many addresses that were.
    func release(_ attachment: Attachment, deadline: Deadline) throws(DatastoreError) -> Int

    /// Reads what an attachment has, and whose some addresses are.
    func state(
        of attachment: Attachment,
        addresses: [(domain: AllocationDomain, address: IPAddress)],
        deadline: Deadline
    ) throws(DatastoreError) -> AttachmentState

    /// Tells whether a range, or one of those that serve in its place, has a free address.
    func condition(of demand: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) -> RangeCondition

    /// Releases what a node's containers have of a network, but what belongs to certain attachments.
    func collectGarbage(
        keeping valid: Set<Attachment>,
        network: String,
        node: String,
        createdBefore: NodeMoment,
        deadline: Deadline
    ) -> GarbageCollection
}

extension EtcdDatastore: Datastore {}
