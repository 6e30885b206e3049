/// One operation of a transaction's branch.
public indirect enum TxnOperation: Hashable, Sendable {
    case range(RangeRequest)
    case put(PutRequest)
    case deleteRange(DeleteRangeRequest)
    case txn(Txn)
}
