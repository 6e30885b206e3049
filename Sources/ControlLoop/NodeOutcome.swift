internal import Reconciliation
internal import Whereabouts

/// What a look at a node's allocations has found and done.
struct NodeOutcome {
    /// An allocation that was released.
    struct Release {
        let allocation: StoredAllocation
        let reason: Verdict.Reason
    }

    /// An allocation that is stranded and could not be released.
    struct Failure {
        let allocation: StoredAllocation
        let error: String
    }

    /// The number of the node's allocations.
    var allocations = 0
    /// What was released.
    var released: [Release] = []
    /// What could not be released.
    var failures: [Failure] = []
    /// Where allocations look stranded, and wait for the runtime to be done with their containers, or for their pods.
    var held: Set<AllocationPlace> = []
    /// What can't be understood.
    var errors: [String] = []
}
