internal import CGRPCBridge

/// A response that can be read from protobuf's wire form.
protocol ProtobufDecodable {
    /// Reads the response that a successful reply carries.
    ///
    /// - Throws: `MalformedReply`; a reply that can't be read, or that lacks what etcd sends, is never taken for an empty
    ///   one.
    init(payload: Span<UInt8>) throws(MalformedReply)
}

/// Unpacks a reply with the generated function of its kind, copies it into values, and frees what was unpacked.
func decode<Message, Response: ProtobufDecodable>(
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
        return try unsafe copy(unpacked.pointee)
    }
}
