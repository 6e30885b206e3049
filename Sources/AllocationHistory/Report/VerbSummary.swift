/// The calls of one verb.
public struct VerbSummary: Codable, Sendable, Hashable {
    /// The verb.
    public let verb: Verb
    /// How many calls there were.
    public let calls: Int
    /// How many of them were acknowledged.
    public let acknowledged: Int
    /// How long those took that were not killed on purpose; nil if there are none.
    public let latency: LatencySummary?
}
