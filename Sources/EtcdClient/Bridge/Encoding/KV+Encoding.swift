internal import CGRPCBridge

extension RangeRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(message(in:))
    }

    fileprivate func message(in arena: borrowing ProtobufArena) -> UnsafeMutablePointer<Etcdserverpb__RangeRequest> {
        let message = unsafe arena.allocate(Etcdserverpb__RangeRequest.self)
        unsafe etcdserverpb__range_request__init(message)
        unsafe message.pointee.key = arena.data(range.start.bytes)
        unsafe message.pointee.range_end = arena.data(range.end)
        unsafe message.pointee.limit = limit
        unsafe message.pointee.revision = revision
        unsafe message.pointee.serializable = consistency == .serializable ? 1 : 0
        unsafe message.pointee.keys_only = projection == .keysOnly ? 1 : 0
        unsafe message.pointee.count_only = projection == .countOnly ? 1 : 0
        unsafe message.pointee.min_mod_revision = minModRevision
        unsafe message.pointee.max_mod_revision = maxModRevision
        unsafe message.pointee.min_create_revision = minCreateRevision
        unsafe message.pointee.max_create_revision = maxCreateRevision
        switch order {
        case .byKey:
            break
        case .ascending(let target):
            unsafe message.pointee.sort_order = ETCDSERVERPB__RANGE_REQUEST__SORT_ORDER__ASCEND
            unsafe message.pointee.sort_target = target.code
        case .descending(let target):
            unsafe message.pointee.sort_order = ETCDSERVERPB__RANGE_REQUEST__SORT_ORDER__DESCEND
            unsafe message.pointee.sort_target = target.code
        }
        return unsafe message
    }
}

extension RangeRequest.SortTarget {
    fileprivate var code: Etcdserverpb__RangeRequest__SortTarget {
        switch self {
        case .key: ETCDSERVERPB__RANGE_REQUEST__SORT_TARGET__KEY
        case .version: ETCDSERVERPB__RANGE_REQUEST__SORT_TARGET__VERSION
        case .createRevision: ETCDSERVERPB__RANGE_REQUEST__SORT_TARGET__CREATE
        case .modRevision: ETCDSERVERPB__RANGE_REQUEST__SORT_TARGET__MOD
        case .value: ETCDSERVERPB__RANGE_REQUEST__SORT_TARGET__VALUE
        }
    }
}

extension PutRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(message(in:))
    }

    fileprivate func message(in arena: borrowing ProtobufArena) -> UnsafeMutablePointer<Etcdserverpb__PutRequest> {
        let message = unsafe arena.allocate(Etcdserverpb__PutRequest.self)
        unsafe etcdserverpb__put_request__init(message)
        unsafe message.pointee.key = arena.data(key.bytes)
        unsafe message.pointee.value = arena.data(value ?? [])
        unsafe message.pointee.ignore_value = value == nil ? 1 : 0
        unsafe message.pointee.lease = lease ?? 0
        unsafe message.pointee.ignore_lease = lease == nil ? 1 : 0
        unsafe message.pointee.prev_kv = returnsPrevious ? 1 : 0
        return unsafe message
    }
}

extension DeleteRangeRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(message(in:))
    }

    fileprivate func message(
        in arena: borrowing ProtobufArena
    ) -> UnsafeMutablePointer<Etcdserverpb__DeleteRangeRequest> {
        let message = unsafe arena.allocate(Etcdserverpb__DeleteRangeRequest.self)
        unsafe etcdserverpb__delete_range_request__init(message)
        unsafe message.pointee.key = arena.data(range.start.bytes)
        unsafe message.pointee.range_end = arena.data(range.end)
        unsafe message.pointee.prev_kv = returnsPrevious ? 1 : 0
        return unsafe message
    }
}

extension Txn: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(message(in:))
    }

    fileprivate func message(in arena: borrowing ProtobufArena) -> UnsafeMutablePointer<Etcdserverpb__TxnRequest> {
        let message = unsafe arena.allocate(Etcdserverpb__TxnRequest.self)
        unsafe etcdserverpb__txn_request__init(message)
        unsafe message.pointee.n_compare = conditions.count
        unsafe message.pointee.compare = arena.allocate(
            UnsafeMutablePointer<Etcdserverpb__Compare>?.self,
            count: conditions.count
        )
        for (index, condition) in conditions.enumerated() {
            unsafe message.pointee.compare[index] = condition.message(in: arena)
        }
        unsafe message.pointee.n_success = success.count
        unsafe message.pointee.success = success.messages(in: arena)
        unsafe message.pointee.n_failure = failure.count
        unsafe message.pointee.failure = failure.messages(in: arena)
        return unsafe message
    }
}

extension [TxnOperation] {
    fileprivate func messages(
        in arena: borrowing ProtobufArena
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<Etcdserverpb__RequestOp>?> {
        let list = unsafe arena.allocate(UnsafeMutablePointer<Etcdserverpb__RequestOp>?.self, count: count)
        for (index, operation) in enumerated() {
            let message = unsafe arena.allocate(Etcdserverpb__RequestOp.self)
            unsafe etcdserverpb__request_op__init(message)
            switch operation {
            case .range(let request):
                unsafe message.pointee.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_RANGE
                unsafe message.pointee.request_range = request.message(in: arena)
            case .put(let request):
                unsafe message.pointee.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_PUT
                unsafe message.pointee.request_put = request.message(in: arena)
            case .deleteRange(let request):
                unsafe message.pointee.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_DELETE_RANGE
                unsafe message.pointee.request_delete_range = request.message(in: arena)
            case .txn(let request):
                unsafe message.pointee.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_TXN
                unsafe message.pointee.request_txn = request.message(in: arena)
            }
            unsafe list[index] = message
        }
        return unsafe list
    }
}

extension Compare {
    fileprivate func message(in arena: borrowing ProtobufArena) -> UnsafeMutablePointer<Etcdserverpb__Compare> {
        let message = unsafe arena.allocate(Etcdserverpb__Compare.self)
        unsafe etcdserverpb__compare__init(message)
        unsafe message.pointee.key = arena.data(range.start.bytes)
        unsafe message.pointee.range_end = arena.data(range.end)
        unsafe message.pointee.result =
            switch relation {
            case .equal: ETCDSERVERPB__COMPARE__COMPARE_RESULT__EQUAL
            case .greater: ETCDSERVERPB__COMPARE__COMPARE_RESULT__GREATER
            case .less: ETCDSERVERPB__COMPARE__COMPARE_RESULT__LESS
            case .notEqual: ETCDSERVERPB__COMPARE__COMPARE_RESULT__NOT_EQUAL
            }
        switch operand {
        case .version(let version):
            unsafe message.pointee.target = ETCDSERVERPB__COMPARE__COMPARE_TARGET__VERSION
            unsafe message.pointee.target_union_case = ETCDSERVERPB__COMPARE__TARGET_UNION_VERSION
            unsafe message.pointee.version = version
        case .createRevision(let revision):
            unsafe message.pointee.target = ETCDSERVERPB__COMPARE__COMPARE_TARGET__CREATE
            unsafe message.pointee.target_union_case = ETCDSERVERPB__COMPARE__TARGET_UNION_CREATE_REVISION
            unsafe message.pointee.create_revision = revision
        case .modRevision(let revision):
            unsafe message.pointee.target = ETCDSERVERPB__COMPARE__COMPARE_TARGET__MOD
            unsafe message.pointee.target_union_case = ETCDSERVERPB__COMPARE__TARGET_UNION_MOD_REVISION
            unsafe message.pointee.mod_revision = revision
        case .value(let value):
            unsafe message.pointee.target = ETCDSERVERPB__COMPARE__COMPARE_TARGET__VALUE
            unsafe message.pointee.target_union_case = ETCDSERVERPB__COMPARE__TARGET_UNION_VALUE
            unsafe message.pointee.value = arena.data(value)
        case .lease(let lease):
            unsafe message.pointee.target = ETCDSERVERPB__COMPARE__COMPARE_TARGET__LEASE
            unsafe message.pointee.target_union_case = ETCDSERVERPB__COMPARE__TARGET_UNION_LEASE
            unsafe message.pointee.lease = lease
        }
        return unsafe message
    }
}

extension CompactionRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__compaction_request__init) { _, message in
            unsafe message.pointee.revision = revision
            unsafe message.pointee.physical = physical ? 1 : 0
        }
    }
}
