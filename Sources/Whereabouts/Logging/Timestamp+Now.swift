internal import EtcdClient
package import IPAM

extension Timestamp {
    /// The present moment.
    package static var now: String {
        text(secondsSince1970: secondsNow)
    }

    /// The present moment in seconds since 1970-01-01T00:00:00Z.
    static var secondsNow: Int64 {
        WallClock.now() / 1_000_000_000
    }
}
