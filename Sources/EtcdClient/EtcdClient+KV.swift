extension EtcdClient {
    /// Reads keys.
    ///
    /// A read that got no answer is repeated, on other endpoints too, for `retryTimeout` after its first failure and until
    /// the deadline at most.
    ///
    /// - Throws: `.unreachable`, `.timedOut`, `.server`, `.malformedReply`, `.rpc`.
    public func range(_ request: RangeRequest, deadline: Deadline) throws(EtcdError) -> RangeResponse {
        try call("/etcdserverpb.KV/Range", request, effect: .read, deadline: deadline)
    }

    /// Returns one key, or nil when it does not exist.
    ///
    /// - Throws: As `range(_:deadline:)`.
    public func get(_ key: Key, deadline: Deadline) throws(EtcdError) -> KeyValue? {
        try range(RangeRequest(.single(key)), deadline: deadline).keyValues.first
    }

    /// Writes one key.
    ///
    /// - Throws: `.outcomeUnknown` when the answer is missing; otherwise as `range(_:deadline:)`, and nothing was written.
    @discardableResult
    public func put(_ request: PutRequest, deadline: Deadline) throws(EtcdError) -> PutResponse {
        try call("/etcdserverpb.KV/Put", request, effect: .write, deadline: deadline)
    }

    /// Deletes keys; none there is success.
    ///
    /// - Throws: As `put(_:deadline:)`.
    @discardableResult
    public func deleteRange(
        _ request: DeleteRangeRequest,
        deadline: Deadline
    ) throws(EtcdError) -> DeleteRangeResponse {
        try call("/etcdserverpb.KV/DeleteRange", request, effect: .write, deadline: deadline)
    }

    /// Runs a transaction.
    ///
    /// That its conditions failed is no error: look at `succeeded`.
    ///
    /// - Throws: As `put(_:deadline:)`; as `range(_:deadline:)` when no branch of the transaction writes.
    public func commit(_ txn: Txn, deadline: Deadline) throws(EtcdError) -> TxnResponse {
        try call("/etcdserverpb.KV/Txn", txn, effect: txn.writes ? .write : .read, deadline: deadline)
    }
}
