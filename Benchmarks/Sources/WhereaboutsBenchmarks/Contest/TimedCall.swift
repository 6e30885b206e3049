/// A program whose runs are timed.
struct TimedCall {
    /// How tables call it.
    let name: String
    /// What is timed.
    let call: Invocation
    /// What brings about what the run begins with.
    var before: Invocation?

    /// Brings about what a run begins with.
    func prepare() throws {
        if let before { _ = try ChildProcess.run(before) }
    }

    /// The subject of a contest.
    var subject: Subject<ProcessUsage> {
        Subject(name: name, prepare: prepare) { try ChildProcess.run(call) }
    }
}
