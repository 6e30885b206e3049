internal import FoundationEssentials
internal import IPAM

extension Timestamp {
    /// The present moment.
    static var now: String {
        text(secondsSince1970: secondsNow)
    }

    /// The present moment in seconds since 1970-01-01T00:00:00Z.
    static var secondsNow: Int64 {
        Int64(Date.now.timeIntervalSince1970)
    }

    /// The present moment in nanoseconds since 1970-01-01T00:00:00Z, exact to a microsecond.
    static var nanosecondsNow: Int64 {
        Int64(Date.now.timeIntervalSince1970 * 1e6) * 1000
    }
}
