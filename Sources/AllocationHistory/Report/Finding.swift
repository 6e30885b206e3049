/// One violation, as a report shows it.
public struct Finding: Codable, Sendable, Hashable {
    /// The rule that is broken.
    public let rule: Rule
    /// The numbers of the calls that are the evidence.
    public let calls: [Int]
    /// The evidence in words.
    public let description: String

    /// Describes a violation.
    public init(_ violation: Violation) {
        rule = violation.rule
        calls = violation.calls
        description = violation.description
    }
}
