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

    /// Counts the keys of a range, and reads none of them.
    ///
    /// - Throws: As `range(_:deadline:)`.
    public func count(_ range: KeyRange, deadline: Deadline) throws(EtcdError) -> Int64 {
        try self.range(RangeRequest(range, projection: .countOnly), deadline: deadline).count
    }

    /// Begins a read of a range of any size; see `RangePages`, which makes the calls.
    ///
    /// - Parameters:
    ///   - range: The keys; they come in ascending order.
    ///   - size: The number of keys of a page, but the last one; 1 at least.
    ///   - revision: The revision to read at; 0 means the one that is newest when the first page is read.
    ///   - projection: What is returned of the keys; a count makes no pages.
    /// - Returns: The pages, none of which has been read yet.
    public func pages(
        of range: KeyRange,
        size: Int,
        revision: Int64 = 0,
        projection: RangeRequest.Projection = .keysAndValues
    ) -> RangePages {
        RangePages(self, range, size: size, revision: revision, projection: projection)
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

    /// Forgets the store's history before a revision (etcd API, KV.Compact).
    ///
    /// With `physical` the call ends when the history is gone from the database too, which can take long: only the deadline
    /// bounds it. The database file keeps its size: see `MaintenanceService.defragment(deadline:)`.
    ///
    /// - Throws: `.server(.compacted)` when this or a later revision was compacted before, `.server(.futureRevision)`;
    ///   otherwise as `put(_:deadline:)`.
    @discardableResult
    public func compact(
        revision: Int64,
        physical: Bool = false,
        deadline: Deadline
    ) throws(EtcdError) -> ResponseHeader {
        let request = CompactionRequest(revision: revision, physical: physical)
        let response: HeaderResponse =
            try call("/etcdserverpb.KV/Compact", request, effect: .write, patience: .deadline, deadline: deadline)
        return response.header
    }
}
