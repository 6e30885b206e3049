/// The answer to a `DeleteRangeRequest`.
public struct DeleteRangeResponse: Hashable, Sendable {
    /// About the member that answered; nil inside a transaction's results.
    public let header: ResponseHeader?
    /// The number of keys that were deleted.
    public let deleted: Int64
    /// The deleted keys as they were, when asked for.
    public let previous: [KeyValue]
}
