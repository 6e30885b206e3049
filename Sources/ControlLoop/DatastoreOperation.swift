/// What the control loop asks a datastore for.
enum DatastoreOperation: String, Hashable, CaseIterable {
    /// The allocations of the node.
    case list
    /// Allocations by their places.
    case read
    /// The end of allocations.
    case release
    /// How much of a pool is taken.
    case occupancy
}
