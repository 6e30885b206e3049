internal import CGRPCBridge

/// Owns one `cgb_stream`: a call in which both sides may send any number of messages.
///
/// It is canceled when it goes before its end.
@safe
struct GRPCStream: ~Copyable {
    /// What came of waiting.
    enum Event: ~Copyable {
        /// Nothing by the deadline.
        case idle
        /// gRPC has taken the message that was sent last; the next one may follow.
        case sent
        /// The peer's next message.
        case message(GRPCReply)
        /// The status of the call, which is over.
        case end(GRPCReply)
    }

    private let raw: OpaquePointer
    /// Kept, because the stream is bound to it.
    private let cancellation: Cancellation?

    init(adopting raw: OpaquePointer, cancellation: Cancellation?) {
        unsafe self.raw = unsafe raw
        self.cancellation = cancellation
    }

    deinit {
        unsafe cgb_stream_destroy(raw)
    }

    /// Sends a message, the last one or not; false, with nothing done, while the one before is still on its way.
    func send(_ message: borrowing [UInt8], isLast: Bool = false) -> Bool {
        unsafe cgb_stream_send(raw, message, message.count, isLast)
    }

    /// Blocks until something comes or the deadline passes.
    func blockingNext(deadline: Deadline) -> Event {
        var reply = unsafe cgb_reply()
        return switch unsafe cgb_stream_next(raw, deadline.nanoseconds, &reply) {
        case .idle: .idle
        case .sent: .sent
        case .message: unsafe .message(GRPCReply(adopting: reply))
        case .end: unsafe .end(GRPCReply(adopting: reply))
        }
    }
}
