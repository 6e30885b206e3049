internal import CGRPCBridge

/// The memory of one request's tree of protobuf-c structs.
@safe
struct ProtobufArena: ~Copyable {
    private let raw: OpaquePointer

    init() {
        unsafe raw = cgb_arena_create().unsafelyUnwrapped
    }

    deinit {
        unsafe cgb_arena_destroy(raw)
    }

    /// Room for `count` zeroed values, which lives as long as the arena.
    func allocate<Value>(_ type: Value.Type, count: Int = 1) -> UnsafeMutablePointer<Value> {
        let bytes = unsafe cgb_arena_allocate(raw, count * MemoryLayout<Value>.stride)
        return unsafe bytes.unsafelyUnwrapped.bindMemory(to: type, capacity: count)
    }

    /// A copy of `bytes` in the form of a protobuf-c `bytes` field.
    func data(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        let copy = unsafe allocate(UInt8.self, count: max(1, bytes.count))
        unsafe copy.update(from: bytes, count: bytes.count)
        return unsafe ProtobufCBinaryData(len: bytes.count, data: copy)
    }

    /// Packs a finished message into its wire form.
    func pack(_ message: UnsafeMutablePointer<ProtobufCMessage>) -> [UInt8] {
        unsafe Array(unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(message)) { buffer, count in
            if let start = buffer.baseAddress {
                unsafe count = protobuf_c_message_pack(message, start)
            }
        }
    }
}
