internal import CGRPCBridge

extension SnapshotMessage: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe payload.withUnsafeBufferPointer { payload throws(MalformedReply) in
            let unpacked = unsafe etcdserverpb__snapshot_response__unpack(nil, payload.count, payload.baseAddress)
            guard let unpacked = unsafe unpacked else {
                throw MalformedReply(reason: "it is no protobuf message of the kind expected")
            }
            defer { unsafe etcdserverpb__snapshot_response__free_unpacked(unpacked, nil) }
            return unsafe Self(
                header: ResponseHeader(unpacked.pointee.header),
                remaining: unpacked.pointee.remaining_bytes,
                blob: Array(unpacked.pointee.blob)
            )
        }
    }
}
