internal import EtcdClient

extension Txn {
    /// The operations that etcd counts against `--max-txn-ops`: on each path through the branches the longest list of each level,
    /// conditions or operations (etcd `api/v3rpc`, checkTxnRequest).
    var operationCount: Int {
        let nested = (success + failure).map { operation in
            if case .txn(let txn) = operation { txn.operationCount } else { 0 }
        }
        return max(conditions.count, success.count, failure.count) + (nested.max() ?? 0)
    }
}
