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
}
