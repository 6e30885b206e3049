/// How many calls of a verb ended in one way other than success.
public struct FailureCount: Codable, Sendable, Hashable {
    /// The verb.
    public let verb: Verb
    /// How they ended: `code 11`, `signal 9`, `malformed`, `unfinished` or `leaked`.
    public let kind: String
    /// How many there were.
    public let calls: Int
}
