/// JSON that is not what is stored or told in its place.
///
/// It names members, and never what they hold.
public struct JSONShapeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as a lower-case phrase.
    public let description: String

    init(_ subject: String, isNot expected: String) {
        description = "\(subject) is not \(expected)"
    }

    init(missing name: String) {
        description = "\"\(name)\" is missing"
    }
}
