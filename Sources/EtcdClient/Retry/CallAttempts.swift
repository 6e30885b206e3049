/// What one call has tried so far, and how long it may go on.
struct CallAttempts {
    private let configuration: EtcdConfiguration
    private let start = Deadline.now
    private var firstFailure: Deadline?
    private var lastCause: [Int: String] = [:]
    private var pause = Duration.milliseconds(20)

    init(_ configuration: EtcdConfiguration) {
        self.configuration = configuration
    }

    /// Notes that an endpoint, given by its index in the configuration, failed.
    mutating func record(endpoint: Int, _ failure: CallFailure) {
        lastCause[endpoint] = failure.cause
        firstFailure = firstFailure ?? .now
    }

    /// How long to wait before the next attempt, or nil when it was tried long enough.
    ///
    /// The pause doubles from 20 to 320 ms, half of it by chance, so that many clients do not come back together.
    mutating func nextPause(deadline: Deadline) -> Duration? {
        guard let firstFailure else { return .zero }
        let limit = min(deadline, firstFailure.advanced(by: configuration.retryTimeout))
        guard !limit.hasPassed else { return nil }
        let chosen = pause * Double.random(in: 0.5...1)
        pause = min(pause * 2, .milliseconds(320))
        return min(chosen, max(.zero, limit.remaining))
    }

    /// The error that the call ends with.
    func error(_ code: EtcdError.Code, _ message: String, advice: String? = nil) -> EtcdError {
        EtcdError(
            code,
            message,
            attempts: configuration.endpoints.indices.compactMap { index in
                lastCause[index].map {
                    EtcdError.Attempt(endpoint: configuration.endpoints[index].description, cause: $0)
                }
            },
            elapsed: Deadline.now.duration(since: start),
            advice: advice
        )
    }
}
