internal import EtcdClient
internal import Synchronization

/// What the control loop's threads know of its state.
final class LoopStatus: Sendable {
    /// The state.
    struct State {
        /// When the loop was last seen to go on.
        var beat = Deadline.now
        /// Why the last look failed; before the first one that there was none, and nil when all is well.
        var obstacle: String? = "no look has ended yet"
        /// Why nothing is told of the node's pods at present; nil where all is well.
        var watchObstacle: String?
        /// Why the plugin's kubeconfig can't be kept current; nil where all is well.
        var kubeconfigObstacle: String?
        /// Whether somebody has asked for the metrics since the pools were last looked at.
        var isScraped = false
        /// The numbers.
        var metrics = LoopMetrics()
    }

    /// For how long the loop may not be seen to go on before it counts as stuck: longer than all that a look does may take.
    private static let patience = Duration.seconds(600)

    private let state = Mutex(State())

    /// Notes that the loop goes on.
    func beat() {
        state.withLock { $0.beat = .now }
    }

    /// Whether the loop goes on.
    var isAlive: Bool {
        state.withLock { Deadline.now.duration(since: $0.beat) < Self.patience }
    }

    /// Why the node is not looked after at present; nil where it is.
    var obstacle: String? {
        get { state.withLock { $0.obstacle ?? $0.watchObstacle ?? $0.kubeconfigObstacle } }
        set { state.withLock { $0.obstacle = newValue } }
    }

    /// Why nothing is told of the node's pods at present; nil where all is well.
    var watchObstacle: String? {
        get { state.withLock { $0.watchObstacle } }
        set { state.withLock { $0.watchObstacle = newValue } }
    }

    /// Why the plugin's kubeconfig can't be kept current; nil where all is well.
    var kubeconfigObstacle: String? {
        get { state.withLock { $0.kubeconfigObstacle } }
        set { state.withLock { $0.kubeconfigObstacle = newValue } }
    }

    /// Changes the numbers.
    func update(_ body: (inout LoopMetrics) -> Void) {
        state.withLock { body(&$0.metrics) }
    }

    /// The numbers, for somebody who asks.
    func scrape() -> LoopMetrics {
        state.withLock { state in
            state.isScraped = true
            return state.metrics
        }
    }

    /// Whether somebody has asked since the last time.
    func takeScrape() -> Bool {
        state.withLock { state in
            defer { state.isScraped = false }
            return state.isScraped
        }
    }
}
