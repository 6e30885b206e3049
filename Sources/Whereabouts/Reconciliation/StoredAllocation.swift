package import IPAM

/// An allocation as it was read from a datastore, whatever kind that is.
package struct StoredAllocation: Hashable, Sendable {
    /// Where it is.
    package let place: AllocationPlace
    /// Whose it is; the node and the network are empty where the datastore does not keep them.
    package let owner: AllocationOwner
    /// The pod's UID; nil where it is not kept.
    package let podUID: String?
    /// When it was made (RFC 3339); nil where that is not kept.
    package let created: String?
    /// When it stops waiting for the owner's pod (RFC 3339); nil while a container has it.
    package let retainedUntil: String?
    /// What changes with every change of whose it is: on etcd the revision of the record.
    package let version: String

    /// Makes an allocation.
    package init(
        place: AllocationPlace,
        owner: AllocationOwner,
        podUID: String?,
        created: String?,
        retainedUntil: String?,
        version: String
    ) {
        self.place = place
        self.owner = owner
        self.podUID = podUID
        self.created = created
        self.retainedUntil = retainedUntil
        self.version = version
    }
}
