/// Calls that are made at the same time.
struct Crowd: Sendable {
    /// What the calls that succeeded took.
    private(set) var usages: [ProcessUsage] = []
    /// What became of the others.
    private(set) var failures: [InvocationFailure] = []
    /// The longest time that a lane took, from its first call's start to its last one's end.
    private(set) var slowestLane = Duration.zero

    /// Makes calls, those of a lane one after the other and the lanes at once.
    init(_ lanes: [[Invocation]]) {
        let outcomes = lanes.mapAtOnce { lane in
            lane.map { call in Result { () throws(InvocationFailure) in try ChildProcess.run(call) } }
        }
        for lane in outcomes {
            let usages = lane.compactMap { try? $0.get() }
            self.usages += usages
            slowestLane = max(slowestLane, Self.stretch(usages))
            for case .failure(let failure) in lane {
                failures.append(failure)
            }
        }
    }

    /// Makes calls, all at once.
    init(_ calls: [Invocation]) {
        self.init(calls.map { [$0] })
    }

    /// The time from the first start to the last end.
    var elapsed: Duration { Self.stretch(usages) }

    /// Returns the crowd if every call succeeded.
    ///
    /// - Throws: The first `InvocationFailure`.
    func withoutFailures() throws -> Crowd {
        if let failure = failures.first { throw failure }
        return self
    }

    private static func stretch(_ usages: [ProcessUsage]) -> Duration {
        guard let start = usages.map(\.start).min(), let end = usages.map(\.end).max() else { return .zero }
        return end - start
    }
}
