internal import IPTypes

/// A key of one configured range whose value cannot be used.
public struct RangeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key within the range's object: `range`, `range_start`, `exclude[1]`.
    public let key: String

    /// The value as it was written.
    public let value: String

    /// What is wrong with the value and what to write in its place, as the rest of a sentence that starts with it.
    public let reason: String

    /// The key, the value, what is wrong and what would be right.
    public var description: String {
        "\(key): \(value.debugDescription) \(reason)"
    }

    /// Makes the error of a key and its value.
    public init(key: String, value: String, reason: String) {
        self.key = key
        self.value = value
        self.reason = reason
    }

    /// Blames a value for an error in all or part of its text.
    init(key: String, value: String, cause: IPSyntaxError, remedy: String) {
        let fault =
            cause.text == value ? "is not \(cause.expected): \(cause.reason)" : "is not valid, since \(cause)"
        self.init(key: key, value: value, reason: "\(fault); \(remedy)")
    }
}
