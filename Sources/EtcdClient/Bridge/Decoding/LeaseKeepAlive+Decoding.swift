internal import CGRPCBridge

extension LeaseKeepAliveMessage: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__lease_keep_alive_response__unpack,
            etcdserverpb__lease_keep_alive_response__free_unpacked
        ) { message throws(MalformedReply) in
            unsafe Self(header: ResponseHeader(message.header), id: message.id, timeToLive: message.ttl)
        }
    }
}
