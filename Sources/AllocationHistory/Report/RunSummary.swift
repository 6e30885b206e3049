/// The figures of a run: how many calls, how fast, how they failed, what was broken meanwhile, what was looked at, and which rules the
/// plugin broke.
public struct RunSummary: Codable, Sendable, Hashable {
    /// The plugin that was called.
    public let plugin: String
    /// The seed that the run's choices followed from.
    public let seed: UInt64
    /// The harness's own parameters.
    public let plan: [String: String]
    /// When the first call started, in milliseconds since the run began.
    public let start: Double
    /// The time from the start of the first call to the end of the last, in milliseconds.
    public let duration: Double
    /// How many calls there were.
    public let calls: Int
    /// How many calls were acknowledged.
    public let acknowledged: Int
    /// How many calls repeat one of the same verb, network and attachment that was not acknowledged.
    public let retried: Int
    /// How many calls were acknowledged per second of the duration; 0 if that is no time.
    public let throughput: Double
    /// The verbs that were called.
    public let verbs: [VerbSummary]
    /// What was not acknowledged, by verb and kind.
    public let failures: [FailureCount]
    /// The calls that were not acknowledged, by their ends.
    public let failedCalls: [FailedCall]
    /// The length of a bucket in milliseconds: a second, less for a run of a few seconds, more for one of many minutes.
    public let bucketLength: Int64
    /// The stretches of the run from the first call's start to the last call's end, without gaps.
    public let buckets: [TimeBucket]
    /// What was broken on purpose.
    public let faults: [FaultPeriod]
    /// What was looked at.
    public let checks: [Check]
    /// The rules that the plugin broke.
    public let violations: [Finding]

    /// Sums up a history and what a judge found in it.
    public init(of history: History, violations: [Violation]) {
        plugin = history.plugin
        seed = history.seed
        plan = history.plan
        faults = history.faults.sorted { ($0.start, $0.kind, $0.target) < ($1.start, $1.kind, $1.target) }
        checks = history.checks
        self.violations = violations.map(Finding.init)

        let calls = history.calls.sorted { ($0.end, $0.number) < ($1.end, $1.number) }
        let start = calls.map(\.start).min() ?? 0
        let end = calls.last?.end ?? 0
        self.calls = calls.count
        acknowledged = calls.count { $0.outcome.isSuccess }
        self.start = start.milliseconds
        duration = (end - start).milliseconds
        throughput = duration > 0 ? Double(acknowledged) * 1000 / duration : 0
        retried = Self.retries(calls)
        verbs = Verb.allCases.compactMap { VerbSummary($0, calls) }
        failedCalls = calls.compactMap(FailedCall.init)
        failures = Self.count(failedCalls)
        bucketLength = Self.bucketLength(start: start, end: end)
        buckets = Self.buckets(calls, start: start, length: bucketLength * 1_000_000)
    }

    /// How many calls were killed on purpose.
    var killed: Int { failedCalls.count(where: \.isKilled) }

    /// How many calls were neither acknowledged nor killed on purpose.
    var failed: Int { calls - acknowledged - killed }

    private static func retries(_ calls: [Call]) -> Int {
        struct Subject: Hashable {
            let verb: Verb
            let network: String
            let attachment: CallAttachment
        }
        var failed: Set<Subject> = []
        var retries = 0
        for call in calls.sorted(by: { ($0.start, $0.number) < ($1.start, $1.number) })
        where call.verb != .collect && call.verb != .status {
            let subject = Subject(verb: call.verb, network: call.network, attachment: call.attachment)
            if failed.contains(subject) {
                retries += 1
            }
            if call.outcome.isSuccess {
                failed.remove(subject)
            } else {
                failed.insert(subject)
            }
        }
        return retries
    }

    private static func count(_ calls: [FailedCall]) -> [FailureCount] {
        Verb.allCases.flatMap { verb in
            Dictionary(grouping: calls.filter { $0.verb == verb }, by: \.kind)
                .map { FailureCount(verb: verb, kind: $0.key, calls: $0.value.count) }
                .sorted { ($1.calls, $0.kind) < ($0.calls, $1.kind) }
        }
    }

    private static func bucketLength(start: Int64, end: Int64) -> Int64 {
        let milliseconds = (end - start) / 1_000_000
        if milliseconds < 10_000 {
            return 100
        }
        var length: Int64 = 1000
        for factor: Int64 in [2, 5, 10, 30, 60, 300, 900, 3600] where milliseconds / length > 300 {
            length = factor * 1000
        }
        return max(length, milliseconds / 1000 / 1000 * 1000)
    }

    private static func buckets(_ calls: [Call], start: Int64, length: Int64) -> [TimeBucket] {
        guard let end = calls.last?.end else { return [] }
        let first = start / length
        var groups: [[Call]] = Array(repeating: [], count: Int(end / length - first) + 1)
        for call in calls {
            groups[Int(call.end / length - first)].append(call)
        }
        return groups.enumerated().map { index, calls in
            let killed = calls.count { $0.outcome.isKilled }
            let acknowledged = calls.count { $0.outcome.isSuccess }
            return TimeBucket(
                start: (first + Int64(index)) * length / 1_000_000,
                acknowledged: acknowledged,
                failed: calls.count - acknowledged - killed,
                killed: killed,
                latency: LatencySummary(calls)
            )
        }
    }
}

extension VerbSummary {
    fileprivate init?(_ verb: Verb, _ all: [Call]) {
        let calls = all.filter { $0.verb == verb }
        guard !calls.isEmpty else { return nil }
        self.init(
            verb: verb,
            calls: calls.count,
            acknowledged: calls.count { $0.outcome.isSuccess },
            latency: LatencySummary(calls)
        )
    }
}

extension LatencySummary {
    fileprivate init?(_ calls: [Call]) {
        self.init(nanoseconds: calls.filter { !$0.outcome.isKilled }.map { $0.end - $0.start })
    }
}

extension FailedCall {
    fileprivate init?(_ call: Call) {
        guard let kind = call.outcome.failureKind else { return nil }
        self.init(
            call: call.number,
            verb: call.verb,
            kind: kind,
            isKilled: call.outcome.isKilled,
            time: call.end.milliseconds,
            latency: (call.end - call.start).milliseconds
        )
    }
}
