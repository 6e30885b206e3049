/// What one run of a program took.
struct ProcessUsage: Sendable {
    /// When it was started.
    let start: ContinuousClock.Instant
    /// When its end was known.
    let end: ContinuousClock.Instant
    /// The processors' time, the program's own and the kernel's for it.
    let processorTime: Duration

    /// The time that it took.
    var elapsed: Duration { end - start }
}
