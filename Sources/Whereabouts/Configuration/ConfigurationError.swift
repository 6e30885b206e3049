internal import IPAM

/// A key of the configuration whose value can't be used: which key, which value, and what would be right.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key's path below `ipam`, for example `ipRanges[1].range_start`.
    public let key: String
    /// The value as written; nil when it is missing, or is one that must not be shown.
    public let value: String?
    /// What is wrong and what would be right, as the rest of a sentence that starts with the value.
    public let reason: String
    /// The key beside which this one is missing; nil for any other error.
    let givenKey: String?

    init(key: String, value: String? = nil, reason: String, beside givenKey: String? = nil) {
        self.key = key
        self.value = value
        self.reason = reason
        self.givenKey = givenKey
    }

    /// Whether the configuration lacks the key altogether.
    var isMissing: Bool {
        value == nil && reason.hasPrefix("is missing")
    }

    /// A range's error, its key put below the key of the range.
    init(_ error: RangeError, below path: String) {
        self.init(key: path + error.key, value: error.value, reason: error.reason)
    }

    /// Key, value and remedy in one line.
    public var description: String {
        value.map { "\(key): \($0.debugDescription) \(reason)" } ?? "\(key) \(reason)"
    }
}
