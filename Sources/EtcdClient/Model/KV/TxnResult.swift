/// The result of one `TxnOperation`.
public indirect enum TxnResult: Hashable, Sendable {
    /// What a read found.
    case range(RangeResponse)
    /// What came of a write.
    case put(PutResponse)
    /// What came of a deletion.
    case deleteRange(DeleteRangeResponse)
    /// What came of a transaction in the transaction.
    case txn(TxnResponse)
}
