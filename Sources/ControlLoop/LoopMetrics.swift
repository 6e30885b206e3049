internal import Whereabouts

/// The numbers of a control loop, by name what they are in its metrics.
struct LoopMetrics: Sendable {
    /// A pool with how much of it is taken.
    struct Pool: Sendable {
        let pool: ConfiguredPool
        let occupancy: PoolOccupancy
    }

    var allocations = 0
    var pools: [Pool] = []
    var poolFaults = 0
    var runs: Int64 = 0
    var failedRuns: Int64 = 0
    var released: [String: Int64] = [:]
    var failures: Int64 = 0
    var candidates = 0
    var oldestCandidateAge: Int64 = 0
    var journalEntries = 0
    var journalSetAside = 0
    var journalReleased: Int64 = 0
    var kubeconfigReplacements: Int64 = 0
    var latencies: [DatastoreOperation: LatencyHistogram] = [:]
}
