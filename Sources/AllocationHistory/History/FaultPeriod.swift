/// A time during which the harness had something broken.
public struct FaultPeriod: Codable, Sendable, Hashable {
    /// What was done, such as `kill` or `partition`.
    public let kind: String
    /// What it was done to, such as a member's name.
    public let target: String
    /// When it began, in nanoseconds since the run began.
    public let start: Int64
    /// When it was over; nil if it lasted to the end of the run.
    public let end: Int64?

    /// Makes a period.
    public init(kind: String, target: String, start: Int64, end: Int64?) {
        self.kind = kind
        self.target = target
        self.start = start
        self.end = end
    }
}
