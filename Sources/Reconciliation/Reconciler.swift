internal import EtcdClient
package import Logging
package import Whereabouts

/// Finds allocations that nobody has any more, and frees them (docs/design/reconciliation.md).
package struct Reconciler {
    /// What it is to do.
    package struct Settings: Sendable {
        /// What it is about.
        package var scope = AllocationScope()
        /// For how many seconds an allocation must have looked stranded, at every look, before it is released.
        package var grace: Int64 = 600
        /// Whether nothing is changed.
        package var isDryRun = false
        /// The greatest share of allocations that may be stranded before the answer counts as wrong.
        package var maximalShare = 0.5
        /// What alone is released, whatever else is stranded; nil for all.
        package var list: ReleaseList?

        /// Makes the default settings.
        package init() {}
    }

    /// From how many stranded allocations on their share counts.
    static let shareThreshold = 10
    /// How many stranded allocations are looked at together before they are released.
    static let batchSize = 5000
    /// How long one call of the datastore may take.
    static let callTimeout = Duration.seconds(60)
    /// How long a look, or a whole scan, may take.
    static let lookTimeout = Duration.seconds(900)

    let store: any ReconciledStore
    let source: any LifeSource
    let settings: Settings
    let logger: Logger
    /// The names of all nodes; nil where nobody knows.
    let nodes: (() throws(ReconciliationError) -> Set<String>?)?
    /// Is told how far the work is, and says whether it is to go on.
    let progress: (String) -> Bool

    /// Makes a reconciler.
    package init(
        store: any ReconciledStore,
        source: any LifeSource,
        settings: Settings,
        logger: Logger,
        nodes: (() throws(ReconciliationError) -> Set<String>?)? = nil,
        progress: @escaping (String) -> Bool = { _ in true }
    ) {
        self.store = store
        self.source = source
        self.settings = settings
        self.logger = logger
        self.nodes = nodes
        self.progress = progress
    }

    /// Reconciles once.
    ///
    /// - Parameters:
    ///   - name: What others are told who come meanwhile.
    ///   - endEarly: Is given what was found and done when an error ends the run that had begun; the error is in it.
    /// - Returns: What was found and done; errors of single allocations are in it.
    /// - Throws: `ReconciliationError` for what ends the whole.
    package func run(
        as name: String,
        endEarly: (ReconciliationReport) -> Void = { _ in }
    ) throws(ReconciliationError) -> ReconciliationReport {
        try source.checkReach(deadline: .after(Self.callTimeout))
        // Who only looks needs no right to, and leaves no trace.
        if !settings.isDryRun { try store.enter(as: name, deadline: .after(Self.callTimeout)) }
        defer { if !settings.isDryRun { store.leave() } }
        var pass = ReconciliationPass(self)
        do throws(ReconciliationError) {
            return try pass.run()
        } catch {
            endEarly(pass.partialReport(endedBy: error))
            throw error
        }
    }
}
