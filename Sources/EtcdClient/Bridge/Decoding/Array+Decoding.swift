internal import CGRPCBridge

extension [UInt8] {
    init(_ data: ProtobufCBinaryData) {
        self = unsafe Array(UnsafeBufferPointer(start: data.data, count: data.len))
    }
}

extension [[UInt8]] {
    /// Reads a repeated `bytes` field.
    init(_ list: UnsafeMutablePointer<ProtobufCBinaryData>?, count: Int) {
        self = unsafe UnsafeBufferPointer(start: list, count: count).map { unsafe [UInt8]($0) }
    }
}

extension [String] {
    /// Reads a repeated `bytes` field that holds texts.
    init(_ list: UnsafeMutablePointer<ProtobufCBinaryData>?, count: Int) {
        self = unsafe UnsafeBufferPointer(start: list, count: count).map { unsafe String($0) }
    }

    /// Reads a repeated `string` field.
    init(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, count: Int) {
        self = unsafe UnsafeBufferPointer(start: list, count: count).map { unsafe String($0) }
    }
}

extension Array {
    /// Reads a repeated field of messages with `copy`.
    init<Message>(
        _ list: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?,
        count: Int,
        _ copy: (Message) throws(MalformedReply) -> Element
    ) throws(MalformedReply) {
        self.init()
        guard let list = unsafe list else { return }
        reserveCapacity(count)
        for index in 0..<count {
            if let message = unsafe list[index] {
                append(try unsafe copy(message.pointee))
            }
        }
    }
}
