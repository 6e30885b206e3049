/// The keys that a request is about: one key, or all keys from a first one up to an end.
///
/// The two byte strings are the API's `key` and `range_end` (etcd API, message RangeRequest).
public struct KeyRange: Hashable, Sendable {
    /// The first key.
    public let start: Key
    /// The exclusive end; empty for a single key, one zero byte for no end.
    public let end: [UInt8]

    /// One key.
    public static func single(_ key: Key) -> KeyRange {
        KeyRange(start: key, end: [])
    }

    /// All keys that begin with `prefix`; the empty prefix means every key.
    public static func prefix(_ prefix: Key) -> KeyRange {
        var end = prefix.bytes
        while let last = end.popLast() {
            if last < .max {
                return KeyRange(start: prefix, end: end + [last + 1])
            }
        }
        return from(prefix)
    }

    /// All keys from `first` on.
    public static func from(_ first: Key) -> KeyRange {
        KeyRange(start: first.bytes.isEmpty ? Key([0]) : first, end: [0])
    }

    /// The keys from `first` up to, but without, `end`; none when the end does not lie behind the first.
    public static func range(_ first: Key, upTo end: Key) -> KeyRange {
        // The API takes an empty end and one zero byte for something else; no key lies before either.
        guard end > Key([0]) else { return KeyRange(start: Key([0, 0]), end: [0, 0]) }
        return KeyRange(start: first, end: end.bytes)
    }

    /// The keys from `first` to `last`, both included.
    public static func range(_ first: Key, through last: Key) -> KeyRange {
        range(first, upTo: Key(last.bytes + [0]))
    }
}
