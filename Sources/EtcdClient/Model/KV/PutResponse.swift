/// The answer to a `PutRequest`.
public struct PutResponse: Hashable, Sendable {
    /// About the member that answered; nil inside a transaction's results.
    public let header: ResponseHeader?
    /// The key as it was before, when asked for and there was one.
    public let previous: KeyValue?
}
