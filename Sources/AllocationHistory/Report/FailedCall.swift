/// One call that was not acknowledged.
public struct FailedCall: Codable, Sendable, Hashable {
    /// The call's number.
    public let call: Int
    /// What it asked.
    public let verb: Verb
    /// How it ended, as in `FailureCount`.
    public let kind: String
    /// Whether it was killed on purpose.
    public let isKilled: Bool
    /// When it ended, in milliseconds since the run began.
    public let time: Double
    /// How long it took, in milliseconds.
    public let latency: Double
}
