internal import CGRPCBridge

extension RangeResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__range_response__unpack,
            etcdserverpb__range_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe Self(message, ResponseHeader(required: message.header))
        }
    }

    fileprivate init(_ message: Etcdserverpb__RangeResponse, _ header: ResponseHeader?) throws(MalformedReply) {
        self.header = header
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
        ) { message throws(MalformedReply) in
            try unsafe Self(message, ResponseHeader(required: message.header))
        }
    }

    fileprivate init(_ message: Etcdserverpb__PutResponse, _ header: ResponseHeader?) throws(MalformedReply) {
        self.header = header
        previous = unsafe message.prev_kv.map { unsafe KeyValue($0.pointee) }
    }
}

extension DeleteRangeResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__delete_range_response__unpack,
            etcdserverpb__delete_range_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe Self(message, ResponseHeader(required: message.header))
        }
    }

    fileprivate init(_ message: Etcdserverpb__DeleteRangeResponse, _ header: ResponseHeader?) throws(MalformedReply) {
        self.header = header
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
        ) { message throws(MalformedReply) in
            try unsafe Self(message, ResponseHeader(required: message.header))
        }
    }

    fileprivate init(_ message: Etcdserverpb__TxnResponse, _ header: ResponseHeader?) throws(MalformedReply) {
        self.header = header
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
            self = .range(try unsafe RangeResponse(range.pointee, ResponseHeader(range.pointee.header)))
        } else if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_PUT,
            let put = unsafe message.response_put
        {
            self = .put(try unsafe PutResponse(put.pointee, ResponseHeader(put.pointee.header)))
        } else if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_DELETE_RANGE,
            let deleteRange = unsafe message.response_delete_range
        {
            self = .deleteRange(
                try unsafe DeleteRangeResponse(deleteRange.pointee, ResponseHeader(deleteRange.pointee.header))
            )
        } else if unsafe message.response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_TXN,
            let txn = unsafe message.response_txn
        {
            self = .txn(try unsafe TxnResponse(txn.pointee, ResponseHeader(txn.pointee.header)))
        } else {
            throw MalformedReply(reason: "a transaction's result is of no known kind")
        }
    }
}
