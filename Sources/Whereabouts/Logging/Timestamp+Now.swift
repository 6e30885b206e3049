internal import EtcdClient
internal import IPAM

extension Timestamp {
    /// The present moment.
    static var now: String {
        text(secondsSince1970: secondsNow)
    }

    /// The present moment in seconds since 1970-01-01T00:00:00Z.
    static var secondsNow: Int64 {
        WallClock.now() / 1_000_000_000
    }

    /// The present moment in nanoseconds since 1970-01-01T00:00:00Z, exact to a microsecond, as records keep it.
    static var nanosecondsNow: Int64 {
        WallClock.now() / 1000 * 1000
    }
}
