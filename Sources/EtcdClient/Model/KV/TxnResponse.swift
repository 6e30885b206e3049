/// The answer to a `Txn`: which branch ran, and the result of each of its operations in order.
public struct TxnResponse: Hashable, Sendable {
    /// About the member that answered; nil for a nested transaction.
    public let header: ResponseHeader?
    /// Whether all conditions held.
    public let succeeded: Bool
    /// The results of the operations of the branch that ran.
    public let results: [TxnResult]
}
