/// What one call has tried so far, and how long it may go on.
struct CallAttempts {
    private let configuration: EtcdConfiguration
    private let start = Deadline.now
    private var firstFailure: Deadline?
    private var hasDisagreed = false
    private var tried: Set<Int> = []
    /// Whether the last attempt was the first one of its target.
    private var lastWasNew = false
    private var lastFailures: [Int: Failure] = [:]
    private var pause = Duration.milliseconds(20)

    /// What came of the last attempt on an endpoint.
    struct Failure {
        let target: Int
        var cause: String
        let connectFailure: CallFailure.ConnectFailure?
    }

    init(_ configuration: EtcdConfiguration) {
        self.configuration = configuration
    }

    /// Notes that an endpoint, given by its index in the configuration, failed.
    mutating func record(endpoint: Int, target: Int, _ failure: CallFailure) {
        lastFailures[endpoint] = Failure(target: target, cause: failure.cause, connectFailure: failure.connectFailure)
        lastWasNew = tried.insert(target).inserted
        firstFailure = firstFailure ?? .now
    }

    /// Notes what is known of an endpoint that was passed over, unless it has failed before.
    mutating func mention(endpoint: Int, target: Int, _ cause: String) {
        guard lastFailures[endpoint] == nil else { return }
        lastFailures[endpoint] = Failure(target: target, cause: cause, connectFailure: .unreachable)
    }

    /// The endpoints, by their index in the configuration, with their last failures, in the order of the configuration.
    var failures: [(endpoint: Int, failure: Failure)] {
        configuration.endpoints.indices.compactMap { index in
            lastFailures[index].map { (index, $0) }
        }
    }

    /// Whether this is the first time that somebody asks, for what is worth its while once.
    mutating func isFirstDisagreement() -> Bool {
        defer { hasDisagreed = true }
        return !hasDisagreed
    }

    /// Replaces the cause of an endpoint's last failure by what was found out since.
    mutating func explain(endpoint: Int, _ cause: String) {
        lastFailures[endpoint]?.cause = cause
    }

    /// How long to wait before the next attempt, or nil when it was tried long enough: `retryTimeout`, and longer as long as each
    /// attempt is another target's first one, so that members that do not answer use up the time of no one that would.
    ///
    /// The pause doubles from 20 to 320 ms, half of it by chance, so that many clients do not come back together.
    mutating func nextPause(deadline: Deadline) -> Duration? {
        guard let firstFailure else { return .zero }
        guard !deadline.hasPassed else { return nil }
        let limit = min(deadline, firstFailure.advanced(by: configuration.retryTimeout))
        guard !limit.hasPassed else { return lastWasNew ? .zero : nil }
        let chosen = pause * Double.random(in: 0.5...1)
        pause = min(pause * 2, .milliseconds(320))
        return min(chosen, max(.zero, limit.remaining))
    }

    /// The error that the call ends with.
    func error(_ code: EtcdError.Code, _ message: String, advice: String? = nil) -> EtcdError {
        EtcdError(
            code,
            message,
            attempts: failures.map { index, failure in
                EtcdError.Attempt(endpoint: configuration.endpoints[index].description, cause: failure.cause)
            },
            elapsed: Deadline.now.duration(since: start),
            advice: advice
        )
    }
}
