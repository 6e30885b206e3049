/// A range that the calls of a history take addresses from.
public struct HistoryRange: Codable, Sendable, Hashable {
    /// The allocation domain, as in `HistoryAddress`.
    public let domain: String
    /// The lowest address, in canonical text.
    public let first: String
    /// The highest address, in canonical text.
    public let last: String
    /// How many of its addresses may be allocated; `UInt64.max` stands for that many or more.
    public let allocatableCount: UInt64
    /// For how long an address waits for its owner after the release; 0 where it is free at once.
    public let retainSeconds: Int

    /// Makes a range.
    public init(domain: String, first: String, last: String, allocatableCount: UInt64, retainSeconds: Int) {
        self.domain = domain
        self.first = first
        self.last = last
        self.allocatableCount = allocatableCount
        self.retainSeconds = retainSeconds
    }
}
