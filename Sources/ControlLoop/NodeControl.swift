internal import EtcdClient
internal import IPAM
internal import KubernetesClient
internal import Logging
internal import Reconciliation
internal import Whereabouts

/// Looks after what a node has of the datastore, as long as the process lives (docs/design/reconciliation.md, "The control loop").
///
/// It acts by what there is and not by what it was told: each look starts from the store and from the pods as they are, so that nothing that happened
/// while it was away is missed, and it may be ended at any moment.
final class NodeControl {
    /// What it works on.
    struct Settings {
        /// Where the datastore and the cluster are.
        var place: StoreOptions
        /// The node.
        var node: String
        /// How many seconds pass between two looks without a cause.
        var resync: Int64
        /// How many seconds pass between two looks at the pools, which somebody's asking for the metrics causes; 0 for none.
        var poolInterval: Int64
        /// For how many seconds an ADD may last, behind which the runtime notes in its cache what it has.
        var settlingTime: Int64
        /// Where the container runtime notes what it has; empty where it is not asked.
        var runtimeCaches: [String]
        /// The plugin's kubeconfig that is kept current; nil for none.
        var kubeconfig: PluginKubeconfig?
    }

    /// How soon another look follows where something waits, and where the last one failed.
    private static let (heldInterval, failedInterval) = (Duration.seconds(10), Duration.seconds(5))
    /// How long pods' ends are gathered before a look: they come in crowds.
    private static let gathering: UInt32 = 200
    /// How often the journal is looked at, and how soon again where the datastore did not take all of it.
    private static let (journalInterval, journalRetry) = (Duration.seconds(5), Duration.seconds(30))
    /// How often the token is compared.
    private static let kubeconfigInterval = Duration.seconds(30)
    /// How long a store's client is kept: files with certificates are read when it is made.
    private static let storeLifetime = Duration.seconds(600)
    /// The most events of one look.
    private static let eventLimit = 50
    private static let callTimeout = Duration.seconds(30)
    /// How long all events of one look, and all pools, may take.
    private static let sideTimeout = Duration.seconds(60)
    /// How long a step that is under way has to end by itself when the process is told to end.
    private static let endMilliseconds: UInt32 = 3000

    private let settings: Settings
    private let status: LoopStatus
    private let pods: NodePods
    private let logger: Logger
    private var store: (store: any ReconciledStore, settings: FlatFileSettings, until: Deadline)?
    private var client: KubernetesClient?
    private var memory = NodeMemory()
    /// What was held by the last look, and how long it is waited for.
    private var (held, heldWait) = (Set<AllocationPlace>(), NodeControl.heldInterval)
    /// The failures that were told already.
    private var toldFailures: Set<AllocationPlace> = []
    private var toldCacheTrouble: String?
    private var toldFaults: Set<String> = []
    private var kubeconfig: PluginKubeconfig?
    private var (nextLook, nextJournal, nextKubeconfig, nextPools) = (
        Deadline.now, Deadline.now, Deadline.now, Deadline.now
    )

    init(_ settings: Settings, status: LoopStatus, logger: Logger) {
        self.settings = settings
        self.status = status
        self.logger = logger
        kubeconfig = settings.kubeconfig
        pods = NodePods(node: settings.node, source: settings.place.cluster, status: status, logger: logger)
    }

    /// Works until the process is told to end.
    func run() {
        pods.start()
        Termination.endProcess(within: Self.endMilliseconds) { _ in 0 }
        while Termination.received == nil {
            status.beat()
            if nextKubeconfig.hasPassed { refreshKubeconfig() }
            if nextJournal.hasPassed { drainJournal() }
            let hasNews = pods.takeNews()
            if hasNews { Pause.milliseconds(Self.gathering) }
            if hasNews || nextLook.hasPassed { look() }
            if settings.poolInterval > 0, nextPools.hasPassed, status.takeScrape() { lookAtPools() }
            Pause.milliseconds(100)
        }
        logger.info("stopped by a signal")
    }

    // MARK: - Looking at the node's allocations

    private func look() {
        guard let living = pods.living else {
            status.obstacle = status.watchObstacle ?? "the node's pods are not known yet"
            nextLook = .after(Self.failedInterval)
            return
        }
        do throws(ReconciliationError) {
            let (store, flatFile) = try currentStore()
            let client = try currentClient()
            let pass = NodePass(
                node: settings.node,
                store: store,
                source: PodSource(client, readsInterfaces: false),
                readCache: settings.runtimeCaches.isEmpty
                    ? nil : { [settings] in RuntimeCache(settings.runtimeCaches) },
                settlingTime: settings.settlingTime,
                retention: flatFile.retention
            )
            let outcome = try pass.run(living: living, &memory) { operation, duration in
                observe(operation, duration)
            }
            take(outcome, client)
            nextLook = .after(wait(behind: outcome))
            status.obstacle = nil
        } catch {
            logger.error("\(error)")
            status.update { metrics in
                metrics.runs += 1
                metrics.failedRuns += 1
            }
            status.obstacle = "\(error)"
            store = nil
            client = nil
            nextLook = .after(Self.failedInterval)
        }
    }

    /// How long to wait for the next look: what is held is waited for longer and longer as long as it stays the same.
    private func wait(behind outcome: NodeOutcome) -> Duration {
        let resync = Self.spread(settings.resync)
        if !outcome.failures.isEmpty { return min(Self.heldInterval, resync) }
        guard !outcome.held.isEmpty else {
            held = []
            return resync
        }
        heldWait = min(outcome.held == held ? heldWait * 2 : Self.heldInterval, resync)
        held = outcome.held
        return heldWait
    }

    private func take(_ outcome: NodeOutcome, _ client: KubernetesClient) {
        for error in outcome.errors { logger.error("\(error)") }
        for release in outcome.released {
            logger.info(
                "released \(release.allocation.place)",
                metadata: ["owner": "\(release.allocation.owner.attachment)", "reason": "\(release.reason.rawValue)"]
            )
        }
        for failure in outcome.failures { logger.error("\(failure.allocation.place): \(failure.error)") }
        tellCacheTrouble(outcome)
        status.update { [candidates = memory.candidates] metrics in
            metrics.runs += 1
            metrics.allocations = outcome.allocations - outcome.released.count
            for release in outcome.released { metrics.released[release.reason.rawValue, default: 0] += 1 }
            metrics.failures += Int64(outcome.failures.count)
            metrics.candidates = candidates.count
            metrics.oldestCandidateAge = candidates.oldestAge
        }
        writeEvents(outcome, client)
    }

    /// Writes events, of failures first, each of which is told once; what finds no time any more is told at the next look if it fails then too.
    private func writeEvents(_ outcome: NodeOutcome, _ client: KubernetesClient) {
        toldFailures.formIntersection(outcome.failures.map(\.allocation.place))
        let failures = outcome.failures.filter { !toldFailures.contains($0.allocation.place) }
        // What names no pod has no event.
        var events: [(event: ObjectEvent, failed: AllocationPlace?)] = failures.compactMap { failure in
            ObjectEvent(failure: failure).map { ($0, failure.allocation.place) }
        }
        events += outcome.released.compactMap { release in ObjectEvent(release: release).map { ($0, nil) } }
        let end = Deadline.after(Self.sideTimeout)
        for (event, failed) in events.prefix(Self.eventLimit) where !end.hasPassed {
            do throws(KubernetesError) {
                try event.write(as: ControlLoopCommand.name, client, deadline: end)
                if let failed { toldFailures.insert(failed) }
            } catch {
                // A namespace that is being deleted takes none any more, others do.
                logger.warning("the event can't be written: \(error)")
                if error.isUnavailability { return }
            }
        }
    }

    /// Tells once why the runtime's cache keeps what is stranded from being freed.
    private func tellCacheTrouble(_ outcome: NodeOutcome) {
        guard !outcome.held.isEmpty, !settings.runtimeCaches.isEmpty else { return }
        var trouble: String?
        if let obstacle = RuntimeCache(settings.runtimeCaches).obstacle {
            trouble = "\(obstacle); nothing is freed until it can be, so check how it is mounted"
        } else if !memory.hasSeenCacheServe {
            trouble =
                "\(settings.runtimeCaches.joined(separator: ", ")) has named no container of this node yet, so that what is stranded is left to the reconciler; "
                + "name the directory of the runtime's CNI cache with --cni-cache"
        }
        if let trouble, trouble != toldCacheTrouble { logger.warning("\(trouble)") }
        toldCacheTrouble = trouble
    }

    // MARK: - The rest of the node

    private func drainJournal() {
        nextJournal = .after(Self.journalInterval)
        do {
            let flatFile = try settings.place.flatFile()
            guard let journal = flatFile.journal else { return }
            let outcome = try journal.drain(flatFile.store, logger: logger, deadline: .after(.seconds(60)))
            let count = try journal.count()
            if outcome.released > 0 {
                nextJournal = .now
            } else if count.pending > 0 {
                nextJournal = .after(Self.journalRetry)
            }
            status.update { metrics in
                metrics.journalReleased += Int64(outcome.released)
                metrics.journalEntries = count.pending
                metrics.journalSetAside = count.setAside
            }
        } catch {
            logger.error("\(error)")
            nextJournal = .after(Self.journalRetry)
        }
    }

    private func refreshKubeconfig() {
        nextKubeconfig = .after(Self.kubeconfigInterval)
        guard let path = kubeconfig?.path else { return }
        do throws(ControlLoopError) {
            let isReplaced = try kubeconfig?.refresh() ?? false
            status.kubeconfigObstacle = nil
            guard isReplaced else { return }
            logger.info("\(path) has the service account's present token")
            status.update { $0.kubeconfigReplacements += 1 }
        } catch {
            if status.kubeconfigObstacle != "\(error)" { logger.error("\(error)") }
            status.kubeconfigObstacle = "\(error)"
        }
    }

    private func lookAtPools() {
        nextPools = .after(.seconds(settings.poolInterval))
        do throws(ReconciliationError) {
            let (store, flatFile) = try currentStore()
            let (pools, faults) = try PoolReader(client: currentClient(), node: settings.node, flatFile: flatFile)
                .read()
            var found: [LoopMetrics.Pool] = []
            let end = Deadline.after(Self.sideTimeout)
            for pool in pools where Termination.received == nil {
                let start = Deadline.now
                do throws(ReconciliationError) {
                    let occupancy = try store.occupancy(of: pool, deadline: end)
                    found.append(LoopMetrics.Pool(pool: pool, occupancy: occupancy))
                } catch {
                    logger.warning("\(pool.range): \(error)")
                    guard case .datastore(let cause) = error, !cause.isUnavailability else { break }
                }
                observe(.occupancy, Deadline.now.duration(since: start))
            }
            // Those that were not read any more are told of no longer.
            let unread = pools.count - found.count
            status.update { [found, unread] metrics in
                metrics.pools = found
                metrics.poolFaults = faults.count + unread
            }
            for fault in faults where !toldFaults.contains(fault) { logger.warning("\(fault)") }
            toldFaults = Set(faults)
        } catch {
            logger.warning("the pools can't be looked at: \(error)")
        }
    }

    // MARK: - Clients

    private func currentStore() throws(ReconciliationError) -> (any ReconciledStore, FlatFileSettings) {
        let flatFile = try settings.place.flatFile()
        if let (store, present, until) = store, present == flatFile, !until.hasPassed { return (store, flatFile) }
        let made = try settings.place.store(flatFile)
        made.enterBesideOthers()
        store = (made, flatFile, .after(Self.storeLifetime))
        return (made, flatFile)
    }

    private func currentClient() throws(ReconciliationError) -> KubernetesClient {
        if let client { return client }
        do throws(KubernetesError) {
            let made = try KubernetesClient(settings.place.cluster)
            client = made
            return made
        } catch {
            throw .kubernetes(error)
        }
    }

    private func observe(_ operation: DatastoreOperation, _ duration: Duration) {
        status.update { $0.latencies[operation, default: LatencyHistogram()].observe(duration) }
    }

    /// A time that chance makes a little shorter or longer, so that not all nodes look at once.
    private static func spread(_ seconds: Int64) -> Duration {
        .milliseconds(Int64.random(in: seconds * 900...seconds * 1100))
    }
}
