/// The answer to a `RangeRequest`.
public struct RangeResponse: Hashable, Sendable {
    /// About the member that answered; nil inside a transaction's results, whose own header counts.
    public let header: ResponseHeader?
    /// The keys found, in the order asked for; empty for a count.
    public let keyValues: [KeyValue]
    /// Whether the limit held keys back.
    public let hasMore: Bool
    /// The number of keys in the range, whatever the limit.
    public let count: Int64
}
