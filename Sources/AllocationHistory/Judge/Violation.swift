/// One breach of a rule, with the evidence.
public enum Violation: Codable, Sendable, Hashable {
    /// The calls `first` and `second`, of two owners, returned one address, and both owners had it from one moment to another.
    ///
    /// A nil `to` means that neither owner ever gave it up.
    case sharedAddress(address: HistoryAddress, first: Int, second: Int, from: Int64, to: Int64?)
    /// The calls `first` and `second` are of one owner, nothing may have released its addresses in between, and they differ.
    case changedAddress(owner: String, first: Int, second: Int, before: [HistoryAddress], after: [HistoryAddress])
    /// The owner has had the address since `call`, but at `time` the store held no record of that, or another's.
    case lostRecord(address: HistoryAddress, owner: String, call: Int, found: StoredRecord?, time: Int64)
    /// The record was there at `time`, after the call `release` had released its container.
    case leakedRecord(record: StoredRecord, release: Int, time: Int64)
    /// The record was there at `time`, but no ADD ever named its attachment.
    case strangeRecord(record: StoredRecord, time: Int64)
    /// The record was there at `time`, after everything had been released.
    case leftRecord(record: StoredRecord, time: Int64)
    /// The call found a range full of which at most so many addresses can have been taken at any moment of it.
    case falseExhaustion(call: Int, range: HistoryRange, mostTaken: Int, from: Int64, to: Int64)
    /// The store contradicted itself at `time`, in the words of the snapshot.
    case inconsistentIndex(inconsistency: String, time: Int64)
    /// The call returned this.
    case malformedAnswer(call: Int, output: String, time: Int64)
    /// The call had to be ended.
    case unfinishedCall(call: Int, afterMilliseconds: Int, time: Int64)
    /// The call let a secret out.
    case leakedSecret(call: Int, evidence: String, time: Int64)
    /// The call failed with a code that was not to be expected.
    case unexpectedError(call: Int, code: Int, message: String, time: Int64)
    /// What the call returned does not fit its ranges.
    case wrongRange(call: Int, problem: String, time: Int64)

    /// The rule that is broken.
    public var rule: Rule {
        switch self {
        case .sharedAddress: .sharedAddress
        case .changedAddress: .changedAddress
        case .lostRecord: .lostRecord
        case .leakedRecord: .leakedRecord
        case .strangeRecord: .strangeRecord
        case .leftRecord: .leftRecord
        case .falseExhaustion: .falseExhaustion
        case .inconsistentIndex: .inconsistentIndex
        case .malformedAnswer: .malformedAnswer
        case .unfinishedCall: .unfinishedCall
        case .leakedSecret: .leakedSecret
        case .unexpectedError: .unexpectedError
        case .wrongRange: .wrongRange
        }
    }

    /// The numbers of the calls that are the evidence; empty where the store alone is.
    public var calls: [Int] {
        switch self {
        case .sharedAddress(_, let first, let second, _, _), .changedAddress(_, let first, let second, _, _):
            [first, second]
        case .lostRecord(_, _, let call, _, _), .leakedRecord(_, let call, _), .falseExhaustion(let call, _, _, _, _),
            .malformedAnswer(let call, _, _), .unfinishedCall(let call, _, _), .leakedSecret(let call, _, _),
            .unexpectedError(let call, _, _, _), .wrongRange(let call, _, _):
            [call]
        case .strangeRecord, .leftRecord, .inconsistentIndex:
            []
        }
    }
}
