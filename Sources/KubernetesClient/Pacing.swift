internal import EtcdClient
internal import Glibc

/// How something is tried again: at once, and then after pauses that double, up to a limit and with chance in them.
struct Pacing {
    private static let longest = Duration.seconds(2)

    private var next = Duration.zero

    /// How long to wait before the next try.
    mutating func wait() -> Duration {
        defer { next = min(max(next * 2, .milliseconds(50)), Self.longest) }
        return next * Double.random(in: 0.5...1)
    }

    /// Waits before the next try, at least as long as the server demands; false when no time would be left behind it.
    mutating func pause(for demanded: Duration? = nil, before deadline: Deadline) -> Bool {
        let wait = max(wait(), demanded ?? .zero)
        guard wait < deadline.remaining else { return false }
        Self.sleep(wait)
        return true
    }

    /// Sleeps.
    static func sleep(_ duration: Duration) {
        usleep(UInt32(clamping: Int64(duration / .microseconds(1))))
    }
}
