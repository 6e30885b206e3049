internal import EtcdClient
internal import Glibc
internal import KubernetesClient
internal import Logging

/// Has the controller look whenever nodes or networks have changed, and now and then in any case.
struct ControlLoop {
    /// How long one pass may take.
    private static let passTimeout = Duration.seconds(120)
    /// How many microseconds changes are gathered before a pass: a cluster's nodes come in crowds.
    private static let gathering: UInt32 = 200_000
    /// How soon a pass is repeated that failed, or met with changes.
    private static let retry = Duration.seconds(2)

    private let controller: NodeSliceController
    private let source: ClusterSource
    private let resync: Duration
    private let logger: Logger

    init(_ controller: NodeSliceController, source: ClusterSource, resync: Duration, logger: Logger) {
        self.controller = controller
        self.source = source
        self.resync = resync
        self.logger = logger
    }

    /// Works until the process ends.
    func run() -> Never {
        let bell = Bell()
        // Nodes report all the time that they are well; only that they come and go matters.
        watch(ClusterReader.nodeList, ringing: bell) { $0 == .added || $0 == .deleted }
        watch(ClusterReader.definitionList, ringing: bell) { $0 != .bookmark }
        var last: NodeSliceController.Outcome?
        while true {
            var wait = resync
            do throws(KubernetesError) {
                let outcome = try controller.pass(deadline: .after(Self.passTimeout))
                if outcome != last { logger.info("\(outcome)") }
                last = outcome
                if outcome.isOutdated { wait = Self.retry }
            } catch {
                logger.error("\(error)")
                wait = Self.retry
            }
            bell.wait(until: .after(wait))
            usleep(Self.gathering)
            bell.silence()
        }
    }

    /// Rings whenever objects of a list have changed, on a thread of its own.
    private func watch(
        _ request: APIRequest,
        ringing bell: Bell,
        for matters: @escaping @Sendable (APIEvent.Kind) -> Bool
    ) {
        let (source, logger) = (source, logger)
        BlockingThread.start {
            while true {
                do throws(KubernetesError) {
                    try Self.watch(request, of: source, ringing: bell, for: matters)
                } catch {
                    logger.warning("\(error)")
                    usleep(.random(in: 1_000_000...5_000_000))
                }
            }
        }
    }

    private static func watch(
        _ request: APIRequest,
        of source: ClusterSource,
        ringing bell: Bell,
        for matters: (APIEvent.Kind) -> Bool
    ) throws(KubernetesError) {
        let client = try KubernetesClient(source)
        while let version = try client.list(request, deadline: .after(.seconds(60)), { _ in true }) {
            bell.ring()
            let watch = client.watch(request, from: version)
            var isExpired = false
            while !isExpired {
                switch try watch.next(deadline: .after(.seconds(60))) {
                case .event(let event) where matters(event.kind): bell.ring()
                case .expired: isExpired = true
                case .event, .ended, nil: break
                }
            }
        }
    }
}
