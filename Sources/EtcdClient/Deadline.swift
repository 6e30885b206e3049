/// A moment on the monotonic clock by which something must be done.
///
/// It is made once, where a task enters the program, and handed down unchanged, so that however many steps and retries the
/// task takes, they share one limit.
public struct Deadline: Hashable, Sendable, Comparable {
    /// Nanoseconds on CLOCK_MONOTONIC.
    package let nanoseconds: Int64

    /// The deadline that lies `duration` from now; already passed when the duration is zero or negative.
    public static func after(_ duration: Duration) -> Deadline {
        now.advanced(by: duration)
    }

    /// The deadline that does not pass.
    public static var never: Deadline {
        Deadline(nanoseconds: .max)
    }

    /// The present moment.
    public static var now: Deadline {
        Deadline(nanoseconds: MonotonicClock.now())
    }

    /// The time left, negative when the deadline has passed.
    public var remaining: Duration {
        .nanoseconds(nanoseconds - MonotonicClock.now())
    }

    /// Whether no time is left.
    public var hasPassed: Bool {
        nanoseconds <= MonotonicClock.now()
    }

    /// The deadline moved by `duration`; it stops at the ends of the clock.
    public func advanced(by duration: Duration) -> Deadline {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = nanoseconds.addingReportingOverflow(whole)
        guard !overflow, !overflowed else { return Deadline(nanoseconds: seconds < 0 ? 0 : .max) }
        let (exact, spilled) = sum.addingReportingOverflow(attoseconds / 1_000_000_000)
        return Deadline(nanoseconds: spilled ? .max : exact)
    }

    /// The time from another moment to this one.
    public func duration(since other: Deadline) -> Duration {
        .nanoseconds(nanoseconds - other.nanoseconds)
    }

    /// Whether the left deadline comes first.
    public static func < (left: Deadline, right: Deadline) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
