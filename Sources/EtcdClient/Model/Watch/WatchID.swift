/// A watch of one `Watcher`.
///
/// It stays the same over all reconnects, and is not used again. The identifier that the server gives a watch is another one.
public struct WatchID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The watch's number: a watcher counts from 1, in the order in which watches are added.
    public let number: Int64

    /// The number in decimal digits.
    public var description: String {
        String(number)
    }

    /// Whether the left watch was added first.
    public static func < (left: WatchID, right: WatchID) -> Bool {
        left.number < right.number
    }
}
