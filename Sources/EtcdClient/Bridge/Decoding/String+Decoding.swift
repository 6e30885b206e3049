internal import CGRPCBridge

extension String {
    /// Reads a protobuf-c `string` field; bytes that are not UTF-8 become replacement characters.
    init(_ text: UnsafeMutablePointer<CChar>?) {
        self = unsafe text.map { unsafe String(cString: $0) } ?? ""
    }

    /// Reads a protobuf-c `bytes` field that holds a text; bytes that are not UTF-8 become replacement characters.
    init(_ data: ProtobufCBinaryData) {
        self = unsafe String(decoding: UnsafeBufferPointer(start: data.data, count: data.len), as: UTF8.self)
    }
}
