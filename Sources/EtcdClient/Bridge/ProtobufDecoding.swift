internal import CGRPCBridge

/// A response that can be read from protobuf's wire form.
protocol ProtobufDecodable {
    /// About the member that answered.
    var header: ResponseHeader? { get }

    /// Reads the response that a successful reply carries.
    ///
    /// - Throws: `MalformedReply`; a reply that can't be read, or that carries nothing, is never taken for an empty one.
    init(payload: Span<UInt8>) throws(MalformedReply)
}

/// The reply does not hold what the etcd API promises; `reason` is a phrase.
struct MalformedReply: Error, Hashable {
    let reason: String
}

/// Unpacks a reply with the generated function of its kind, copies it into values, and frees what was unpacked.
///
/// No bytes are a valid message of any kind, in which nothing is set; only the header tells it from an answer of etcd.
private func decode<Message, Response: ProtobufDecodable>(
    _ payload: Span<UInt8>,
    _ unpack: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) -> UnsafeMutablePointer<Message>?,
    _ free: (UnsafeMutablePointer<Message>?, UnsafeMutablePointer<ProtobufCAllocator>?) -> Void,
    _ copy: (Message) throws(MalformedReply) -> Response
) throws(MalformedReply) -> Response {
    try unsafe payload.withUnsafeBufferPointer { payload throws(MalformedReply) in
        guard let unpacked = unsafe unpack(nil, payload.count, payload.baseAddress) else {
            throw MalformedReply(reason: "it is no protobuf message of the kind expected")
        }
        defer { unsafe free(unpacked, nil) }
        let response = try unsafe copy(unpacked.pointee)
        guard response.header != nil else {
            throw MalformedReply(reason: "it lacks the header that every answer of etcd has")
        }
        return response
    }
}

extension RangeResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__range_response__unpack,
            etcdserverpb__range_response__free_unpacked
        ) { message throws(MalformedReply) in try unsafe Self(message) }
    }

    fileprivate init(_ message: Etcdserverpb__RangeResponse) throws(MalformedReply) {
        header = unsafe ResponseHeader(message.header)
        keyValues = try unsafe KeyValue.list(message.kvs, count: message.n_kvs)
        hasMore = unsafe message.more != 0
        count = unsafe message.count
    }
}

extension PutResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__put_response__unpack,
            etcdserverpb__put_response__free_unpacked
        ) { message throws(MalformedReply) in try unsafe Self(message) }
    }

    fileprivate init(_ message: Etcdserverpb__PutResponse) throws(MalformedReply) {
        header = unsafe ResponseHeader(message.header)
        previous = unsafe message.prev_kv.map { unsafe KeyValue($0.pointee) }
    }
}

extension DeleteRangeResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__delete_range_response__unpack,
            etcdserverpb__delete_range_response__free_unpacked
        ) { message throws(MalformedReply) in try unsafe Self(message) }
    }

    fileprivate init(_ message: Etcdserverpb__DeleteRangeResponse) throws(MalformedReply) {
        header = unsafe ResponseHeader(message.header)
        deleted = unsafe message.deleted
        previous = try unsafe KeyValue.list(message.prev_kvs, count: message.n_prev_kvs)
    }
}

extension TxnResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__txn_response__unpack,
            etcdserverpb__txn_response__free_unpacked
        ) { message throws(MalformedReply) in try unsafe Self(message) }
    }

    fileprivate init(_ message: Etcdserverpb__TxnResponse) throws(MalformedReply) {
        header = unsafe ResponseHeader(message.header)
        succeeded = unsafe message.succeeded != 0
        var results: [TxnResult] = []
        for index in 0..<(unsafe message.n_responses) {
            guard let operation = unsafe message.responses[index] else { continue }
            results.append(try unsafe TxnResult(operation.pointee))
        }
        self.results = results
    }
}

extension TxnResult {
    fileprivate init(_ message: Etcdserverpb__ResponseOp) throws(MalformedReply) {
        if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_RANGE,
            let range = unsafe message.response_range
        {
            self = .range(try unsafe RangeResponse(range.pointee))
        } else if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_PUT,
            let put = unsafe message.response_put
        {
            self = .put(try unsafe PutResponse(put.pointee))
        } else if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_DELETE_RANGE,
            let deleteRange = unsafe message.response_delete_range
        {
            self = .deleteRange(try unsafe DeleteRangeResponse(deleteRange.pointee))
        } else if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_TXN,
            let txn = unsafe message.response_txn
        {
            self = .txn(try unsafe TxnResponse(txn.pointee))
        } else {
            throw MalformedReply(reason: "a transaction's result is of no known kind")
        }
    }
}

extension ResponseHeader {
    /// Nil where the message has none.
    fileprivate init?(_ message: UnsafeMutablePointer<Etcdserverpb__ResponseHeader>?) {
        guard let message = unsafe message else { return nil }
        clusterID = unsafe message.pointee.cluster_id
        memberID = unsafe message.pointee.member_id
        revision = unsafe message.pointee.revision
        raftTerm = unsafe message.pointee.raft_term
    }
}

extension KeyValue {
    fileprivate init(_ message: Mvccpb__KeyValue) {
        key = unsafe Key(Array(message.key))
        value = unsafe Array(message.value)
        createRevision = unsafe message.create_revision
        modRevision = unsafe message.mod_revision
        version = unsafe message.version
        lease = unsafe message.lease
    }

    fileprivate static func list(
        _ messages: UnsafeMutablePointer<UnsafeMutablePointer<Mvccpb__KeyValue>?>?,
        count: Int
    ) throws(MalformedReply) -> [KeyValue] {
        guard let messages = unsafe messages else { return [] }
        var list: [KeyValue] = []
        list.reserveCapacity(count)
        for index in 0..<count {
            if let message = unsafe messages[index] {
                list.append(unsafe KeyValue(message.pointee))
            }
        }
        return list
    }
}

extension [UInt8] {
    fileprivate init(_ data: ProtobufCBinaryData) {
        self = unsafe Array(UnsafeBufferPointer(start: data.data, count: data.len))
    }
}
