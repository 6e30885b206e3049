internal import Glibc

/// CLOCK_REALTIME, which jumps when somebody sets it.
package enum WallClock {
    /// The time since 1970-01-01T00:00:00Z in nanoseconds.
    package static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
