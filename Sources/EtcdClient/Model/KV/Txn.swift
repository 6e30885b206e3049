/// A transaction: if every condition holds, then these operations, else those, all at one revision (etcd API, KV.Txn).
///
/// The conditions of nested transactions are judged together, before anything is written. A key may be put once at most on
/// any path through the branches. The server counts, on each path, the longest list of each level, and refuses more than
/// 128 in all (`--max-txn-ops`).
public struct Txn: Hashable, Sendable {
    /// The conditions; none means that they hold.
    public var conditions: [Compare]
    /// What happens when all conditions hold.
    public var success: [TxnOperation]
    /// What happens otherwise.
    public var failure: [TxnOperation]

    /// Makes a transaction.
    public init(if conditions: [Compare] = [], then success: [TxnOperation] = [], else failure: [TxnOperation] = []) {
        self.conditions = conditions
        self.success = success
        self.failure = failure
    }

    /// Whether any branch, at any depth, can change the store.
    public var writes: Bool {
        (success + failure).contains { operation in
            switch operation {
            case .range: false
            case .put, .deleteRange: true
            case .txn(let nested): nested.writes
            }
        }
    }
}
