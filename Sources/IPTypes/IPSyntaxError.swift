/// A text that is not the address, prefix or interface address which it should be.
public struct IPSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The offending text, whole.
    public let text: String

    /// What the text should have been, with its article: "an IP address".
    public let expected: String

    /// What is wrong, as a lower-case phrase: "octet 2 is over 255".
    public let reason: String

    /// Makes the error of a text.
    public init(text: String, expected: String, reason: String) {
        self.text = text
        self.expected = expected
        self.reason = reason
    }

    /// The text, what it should have been, and what is wrong with it.
    public var description: String {
        "\(text.debugDescription) is not \(expected): \(reason)"
    }
}
