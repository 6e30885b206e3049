internal import CGRPCBridge

extension LeaseGrantResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__lease_grant_response__unpack,
            etcdserverpb__lease_grant_response__free_unpacked
        ) { message throws(MalformedReply) in
            guard unsafe message.id != 0 else { throw MalformedReply(reason: "it grants no lease") }
            return try unsafe LeaseGrantResponse(
                header: ResponseHeader(required: message.header),
                id: message.id,
                timeToLive: message.ttl
            )
        }
    }
}

extension LeaseTimeToLiveResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__lease_time_to_live_response__unpack,
            etcdserverpb__lease_time_to_live_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe LeaseTimeToLiveResponse(
                header: ResponseHeader(required: message.header),
                id: message.id,
                remaining: message.ttl,
                granted: message.grantedttl,
                keys: [[UInt8]](message.keys, count: message.n_keys).map(Key.init)
            )
        }
    }
}

extension LeaseLeasesResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__lease_leases_response__unpack,
            etcdserverpb__lease_leases_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe LeaseLeasesResponse(
                header: ResponseHeader(required: message.header),
                ids: [Int64](message.leases, count: message.n_leases) { lease in unsafe lease.id }
            )
        }
    }
}
