internal import CGRPCBridge

extension ProtobufArena {
    /// A message made with the generated function of its kind, with its fields set.
    func message<Message>(
        _ initialize: (UnsafeMutablePointer<Message>?) -> Void,
        _ fill: (UnsafeMutablePointer<Message>) -> Void
    ) -> UnsafeMutablePointer<Message> {
        let message = unsafe allocate(Message.self)
        unsafe initialize(message)
        unsafe fill(message)
        return unsafe message
    }

    /// A text's UTF-8 bytes in the form of a protobuf-c `bytes` field, zero bytes among them too.
    func data(_ text: String) -> ProtobufCBinaryData {
        unsafe data(Array(text.utf8))
    }

    /// Texts in the form of a repeated `bytes` field.
    func data(_ texts: [String]) -> UnsafeMutablePointer<ProtobufCBinaryData> {
        let list = unsafe allocate(ProtobufCBinaryData.self, count: texts.count)
        for (index, text) in texts.enumerated() {
            unsafe list[index] = data(text)
        }
        return unsafe list
    }
}
