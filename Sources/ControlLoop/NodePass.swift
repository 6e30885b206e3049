internal import EtcdClient
internal import IPAM
internal import Reconciliation
internal import Whereabouts

/// One look at what a node has of the datastore, which frees what pods that are gone have left.
///
/// The node's pods, as a watch knows them, and the first read only tell where to look closer. What is released was read again, its pod was asked for one by one
/// behind that, the runtime had its container no more, and the release is guarded by the version that was read.
struct NodePass {
    /// How long one call of the datastore or the API server may take.
    private static let timeout = Duration.seconds(60)

    /// The pods that are asked for at once: more would be taken for a question about all pods of the cluster.
    private static let podsAtOnce = 25

    let node: String
    let store: any ReconciledStore
    let source: any LifeSource
    /// Reads what the runtime has; nil where it is not asked.
    let readCache: (() -> RuntimeCache)?
    /// For how many seconds an ADD may last, behind which the runtime notes in its cache what it has.
    let settlingTime: Int64
    /// For how many seconds an address waits for its pod (`retain`).
    let retention: Int64

    /// Looks once.
    ///
    /// - Parameters:
    ///   - living: The node's pods.
    ///   - memory: What earlier looks have seen.
    ///   - latency: Is told of each operation of the datastore how long it took.
    /// - Returns: What was found and done.
    /// - Throws: `ReconciliationError` when the datastore or the API server can't be asked.
    func run(
        living: [PodReference: PodState],
        _ memory: inout NodeMemory,
        latency: (DatastoreOperation, Duration) -> Void
    ) throws(ReconciliationError) -> NodeOutcome {
        var outcome = NodeOutcome()
        let found = try timed(.list, latency) { () throws(ReconciliationError) in
            try store.allocations(onNode: node, deadline: .after(Self.timeout))
        }
        outcome.allocations = found.count
        outcome.errors = found.errors.map { "\($0)" }
        let cache = readCache?()
        if let cache, found.allocations.contains(where: { cache.names($0.owner.containerID) }) {
            memory.hasSeenCacheServe = true
        }
        let now = Timestamp.text(secondsSince1970: source.now)
        var suspects: [AllocationPlace: StoredAllocation] = [:]
        for allocation in found.allocations {
            if case .stranded = Verdict(of: allocation, by: .pods(living), now: now) {
                suspects[allocation.place] = allocation
            }
        }
        memory.candidates.retain(suspects.keys)
        guard !suspects.isEmpty else { return outcome }

        let current = try timed(.read, latency) { () throws(ReconciliationError) in
            try store.allocations(at: Array(suspects.keys), deadline: .after(Self.timeout))
        }.filter { allocation in
            // What another one got meanwhile is of no concern here.
            guard let suspect = suspects[allocation.place] else { return false }
            return suspect.owner.attachment == allocation.owner.attachment && suspect.owner.pod == allocation.owner.pod
        }
        memory.candidates.retain(current.map(\.place))
        // Those that must wait in any case are not asked for: a file that is never removed would have it done for ever.
        let ripe = current.filter { allocation in
            let age = memory.candidates.note(allocation)
            let created = suspects[allocation.place]?.created.flatMap(Timestamp.secondsSince1970)
            return age >= retention && !isUnsettled(created) && mayGo(allocation, cache, memory)
        }
        outcome.held = Set(current.map(\.place)).subtracting(ripe.map(\.place))
        var due: [(allocation: StoredAllocation, reason: Verdict.Reason)] = []
        for start in stride(from: 0, to: ripe.count, by: Self.podsAtOnce) {
            let some = Array(ripe[start..<min(start + Self.podsAtOnce, ripe.count)])
            // Behind the read: an owner's pod is there before its allocation is.
            let look = try source.look(at: some, deadline: .after(Self.timeout))
            for allocation in some {
                if case .stranded(let reason) = Verdict(of: allocation, by: look, now: now) {
                    due.append((allocation, reason))
                } else {
                    memory.candidates.forget(allocation.place)
                }
            }
        }
        // Once more, and behind the pods: an ADD that ended meanwhile has its file by now.
        let last = readCache?()
        outcome.held.formUnion(due.filter { !mayGo($0.allocation, last, memory) }.map(\.allocation.place))
        try release(due.filter { mayGo($0.allocation, last, memory) }, &memory, &outcome, latency)
        return outcome
    }

    /// Whether the runtime does not have an allocation's container, as far as it is asked.
    ///
    /// A cache that was never seen to name a container of this node's is another runtime's, or none, and proves nothing.
    private func mayGo(_ allocation: StoredAllocation, _ cache: RuntimeCache?, _ memory: NodeMemory) -> Bool {
        guard let cache else { return true }
        guard !allocation.owner.containerID.isEmpty else { return true }
        return memory.hasSeenCacheServe && cache.obstacle == nil && !cache.names(allocation.owner.containerID)
    }

    /// Whether an allocation is so young that its ADD may not be over, by the clock that made it: the node's own, or that of the API server.
    private func isUnsettled(_ created: Int64?) -> Bool {
        guard let created else { return false }
        let now = store.kind == "kubernetes" ? source.now : WallClock.now() / 1_000_000_000
        return created > now - settlingTime
    }

    private func release(
        _ due: [(allocation: StoredAllocation, reason: Verdict.Reason)],
        _ memory: inout NodeMemory,
        _ outcome: inout NodeOutcome,
        _ latency: (DatastoreOperation, Duration) -> Void
    ) throws(ReconciliationError) {
        guard !due.isEmpty else { return }
        let results = try timed(.release, latency) { () throws(ReconciliationError) in
            try store.release(due.map(\.allocation), deadline: .after(Self.timeout))
        }
        for (index, (allocation, reason)) in due.enumerated() {
            switch index < results.count ? results[index] : nil {
            case .released:
                outcome.released.append(NodeOutcome.Release(allocation: allocation, reason: reason))
                memory.candidates.forget(allocation.place)
            case .changed: memory.candidates.forget(allocation.place)
            case .failed(let error):
                outcome.failures.append(NodeOutcome.Failure(allocation: allocation, error: "\(error)"))
            case nil:
                outcome.failures.append(NodeOutcome.Failure(allocation: allocation, error: "it was not tried any more"))
            }
        }
    }

    private func timed<Result>(
        _ operation: DatastoreOperation,
        _ latency: (DatastoreOperation, Duration) -> Void,
        _ body: () throws(ReconciliationError) -> Result
    ) throws(ReconciliationError) -> Result {
        let start = Deadline.now
        defer { latency(operation, Deadline.now.duration(since: start)) }
        return try body()
    }
}
