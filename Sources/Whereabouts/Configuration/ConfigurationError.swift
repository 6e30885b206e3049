internal import IPAM

/// A key of the configuration whose value can't be used: which key, which value, and what would be right.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key's path below `ipam`, for example `ipRanges[1].range_start`.
    public private(set) var key: String
    /// The value as written; nil when it is missing, or is one that must not be shown.
    public let value: String?
    /// What is wrong and what would be right, as the rest of a sentence that starts with the value.
    public let reason: String
    /// Whether the configuration lacks the key altogether.
    private(set) var isMissing = false
    /// The key beside which this one is missing; nil for any other error.
    private(set) var givenKey: String?

    init(key: String, value: String? = nil, reason: String) {
        self.key = key
        self.value = value
        self.reason = reason
    }

    /// A key that the configuration lacks, beside another one where that makes it necessary, and what to write.
    static func missing(_ key: String, beside givenKey: String? = nil, remedy: String? = nil) -> ConfigurationError {
        let reason = "is missing" + (givenKey.map { " beside \($0)" } ?? "") + (remedy.map { "; \($0)" } ?? "")
        var error = ConfigurationError(key: key, reason: reason)
        error.isMissing = true
        error.givenKey = givenKey
        return error
    }

    /// A range's error, its key put below the key of the range.
    init(_ error: RangeError, below path: String) {
        self.init(key: path + error.key, value: error.value, reason: error.reason)
    }

    /// The same error of a key by another name.
    func naming(_ key: String) -> ConfigurationError {
        var error = self
        error.key = key
        return error
    }

    /// Key, value and remedy in one line.
    public var description: String {
        value.map { "\(key): \($0.debugDescription) \(reason)" } ?? "\(key) \(reason)"
    }
}
