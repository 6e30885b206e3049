/// The allocations of a node, as its index or its label tells them.
package struct NodeAllocations: Hashable, Sendable {
    /// What may be an allocation of the node; what is at each place now must be read before anything is done about it.
    ///
    /// On Kubernetes the name of a reservation may be read as several addresses, of which one only has an entry.
    package var allocations: [StoredAllocation] = []
    /// The number of allocations.
    package var count = 0
    /// What can't be understood.
    package var errors: [DatastoreError] = []

    /// Makes an empty list.
    package init() {}
}
