internal import CGRPCBridge

/// CLOCK_MONOTONIC in nanoseconds, the clock that gRPC's deadlines are given in.
///
/// Swift's own clocks live in the concurrency library, which a process that lives three milliseconds does without.
package enum MonotonicClock {
    /// The present moment.
    package static func now() -> Int64 {
        cgb_monotonic_now()
    }
}
