internal import CGRPCBridge

/// Owns one `cgb_reply` and everything it points at.
@safe
struct GRPCReply: ~Copyable {
    private let raw: cgb_reply

    init(adopting raw: cgb_reply) {
        unsafe self.raw = raw
    }

    deinit {
        unsafe cgb_reply_destroy(raw)
    }

    /// The gRPC status code, 0 for success.
    var status: Int32 {
        unsafe raw.status
    }

    /// The status text.
    var details: String {
        unsafe String(cString: raw.details)
    }

    /// gRPC's own account of a failure on this side.
    var cause: String? {
        guard let cause = unsafe raw.cause else { return nil }
        return unsafe String(cString: cause)
    }

    /// Reads the response message that a successful reply carries.
    func response<Response: ProtobufDecodable>() throws(MalformedReply) -> Response {
        try unsafe Response(payload: UnsafeBufferPointer(start: raw.payload, count: raw.payload_count).span)
    }
}
