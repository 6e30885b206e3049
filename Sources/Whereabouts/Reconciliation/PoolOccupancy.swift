/// How much of a pool is taken.
package struct PoolOccupancy: Hashable, Sendable {
    /// The number of addresses that are somebody's, with those that are pending.
    package let used: Int
    /// The number of addresses that wait for their pods (`retain`).
    package let pending: Int

    /// Makes an occupancy.
    package init(used: Int, pending: Int) {
        self.used = used
        self.pending = pending
    }
}
