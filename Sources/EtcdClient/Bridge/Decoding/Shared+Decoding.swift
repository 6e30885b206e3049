internal import CGRPCBridge

extension HeaderResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__compaction_response__unpack,
            etcdserverpb__compaction_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe HeaderResponse(header: ResponseHeader(required: message.header))
        }
    }
}

extension EmptyResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__defragment_response__unpack,
            etcdserverpb__defragment_response__free_unpacked
        ) { _ throws(MalformedReply) in
            EmptyResponse()
        }
    }
}
