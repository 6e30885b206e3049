/// One operation of a transaction's branch.
public indirect enum TxnOperation: Hashable, Sendable {
    /// A read.
    case range(RangeRequest)
    /// A write of one key.
    case put(PutRequest)
    /// A deletion.
    case deleteRange(DeleteRangeRequest)
    /// A transaction in the transaction.
    case txn(Txn)
}
