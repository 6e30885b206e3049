package import EtcdClient
internal import IPAM

/// One reconciler at a time: a key that lives as long as its reconciler's lease.
extension EtcdDatastore {
    /// What came of the try to be the reconciler.
    package enum ReconcilerClaim: Hashable, Sendable {
        /// The caller is; what must hold as long as it is.
        case held(Compare)
        /// Another one is, of this name.
        case taken(by: String)
    }

    /// Becomes the reconciler for as long as a lease lives, unless there is one.
    ///
    /// - Throws: `.etcd`.
    package func claimReconciler(
        named name: String,
        lease: Int64,
        deadline: Deadline
    ) throws(DatastoreError) -> ReconcilerClaim {
        let key = KeySpace.reconciler
        let claim = Txn(
            if: [.isAbsent(key)],
            then: [.put(PutRequest(key, name, lease: lease)), .range(RangeRequest(.single(key)))],
            else: [.range(RangeRequest(.single(key)))]
        )
        let results: [TxnResult]
        do throws(DatastoreError) {
            results = try commit(claim, deadline: deadline).results
        } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
            results = try commit(claim, deadline: deadline).results
        }
        for case .range(let found) in results {
            guard let keyValue = found.keyValues.first else { break }
            guard keyValue.lease == lease else {
                return .taken(by: String(decoding: keyValue.value, as: UTF8.self))
            }
            return .held(Compare(key, .equal, .createRevision(keyValue.createRevision)))
        }
        throw .shortAnswer
    }

    /// Whether a condition holds now.
    ///
    /// - Throws: `.etcd`.
    package func holds(_ condition: Compare, deadline: Deadline) throws(DatastoreError) -> Bool {
        try commit(Txn(if: [condition]), deadline: deadline).succeeded
    }
}
