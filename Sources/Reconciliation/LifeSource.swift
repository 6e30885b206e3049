package import EtcdClient
package import Whereabouts

/// Tells what lives.
package protocol LifeSource {
    /// Looks, from now on, at what lives.
    ///
    /// - Parameters:
    ///   - allocations: Those whose owners matter; nil for everything.
    ///   - deadline: When to end in any case.
    /// - Returns: What lives.
    /// - Throws: `ReconciliationError` rather than a look that is not whole.
    func look(at allocations: [StoredAllocation]?, deadline: Deadline) throws(ReconciliationError) -> Look

    /// Sees whether it answers at all, before others are kept out and before the long looks.
    ///
    /// - Throws: `ReconciliationError` when it does not until the deadline.
    func checkReach(deadline: Deadline) throws(ReconciliationError)

    /// The present time in seconds since 1970, by a clock that all reconcilers of this source share, where there is one.
    var now: Int64 { get }
}

extension LifeSource {
    package func checkReach(deadline: Deadline) throws(ReconciliationError) {}
}
