internal import FoundationEssentials
internal import IPAM

extension Timestamp {
    /// The present moment.
    static var now: String {
        text(secondsSince1970: Int64(Date.now.timeIntervalSince1970))
    }
}
