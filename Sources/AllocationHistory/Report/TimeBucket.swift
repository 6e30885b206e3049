/// The calls that ended in one stretch of a run.
public struct TimeBucket: Codable, Sendable, Hashable {
    /// When the stretch begins, in milliseconds since the run began.
    public let start: Int64
    /// How many calls were acknowledged.
    public let acknowledged: Int
    /// How many were not, without those killed on purpose.
    public let failed: Int
    /// How many were killed on purpose.
    public let killed: Int
    /// How long those took that were not killed; nil if there are none.
    public let latency: LatencySummary?
}
