internal import CGRPCBridge

/// A request that can be written in protobuf's wire form.
protocol ProtobufEncodable {
    /// The request in its wire form.
    func encoded() -> [UInt8]
}

/// Builds a request's struct in an arena and packs it.
///
/// The struct begins with a `ProtobufCMessage`.
func pack<Message>(_ build: (borrowing ProtobufArena) -> UnsafeMutablePointer<Message>) -> [UInt8] {
    let arena = ProtobufArena()
    let message = unsafe UnsafeMutableRawPointer(build(arena))
    return unsafe arena.pack(message.assumingMemoryBound(to: ProtobufCMessage.self))
}

/// Makes a request's message with the generated function of its kind, sets its fields, and packs it.
func pack<Message>(
    _ initialize: (UnsafeMutablePointer<Message>?) -> Void,
    _ fill: (borrowing ProtobufArena, UnsafeMutablePointer<Message>) -> Void
) -> [UInt8] {
    unsafe pack { arena in unsafe arena.message(initialize) { message in unsafe fill(arena, message) } }
}
