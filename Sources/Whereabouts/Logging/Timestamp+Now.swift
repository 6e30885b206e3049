#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import IPAM

extension Timestamp {
    /// The present moment.
    static var now: String {
        text(secondsSince1970: Int64(Date.now.timeIntervalSince1970))
    }
}
