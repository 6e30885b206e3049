internal import CGRPCBridge

/// Owns one `cgb_client`: the reference to the gRPC runtime and a channel for each target.
@safe
struct GRPCClient: ~Copyable {
    private let raw: OpaquePointer
    /// The number of targets; they are numbered from 0.
    let targetCount: Int

    /// Makes a channel for each target; nothing is connected yet.
    init(targets: [String], connectTimeout: Duration) {
        let milliseconds = Int32(clamping: max(1, connectTimeout.inMilliseconds))
        let client = unsafe cgb_client_create()
        for target in targets {
            _ = unsafe cgb_client_add_endpoint(client, target, milliseconds)
        }
        unsafe raw = client.unsafelyUnwrapped
        targetCount = targets.count
    }

    deinit {
        unsafe cgb_client_destroy(raw)
    }

    /// The number of clients and replies that exist in this process.
    static var liveObjectCount: Int64 {
        cgb_live_objects()
    }

    /// How far a target's connection has come, after an idle one was told to connect.
    enum Connection {
        case pending, ready, failed
    }

    /// Starts to connect a target, unless that is under way or done, and returns how far it has come.
    func connect(target: Int) -> Connection {
        switch unsafe cgb_client_connectivity(raw, target, true) {
        case .idle, .connecting: .pending
        case .ready: .ready
        case .transientFailure, .shutdown: .failed
        }
    }

    /// Blocks until a connection's state changes or the deadline passes.
    func blockingAwaitChange(deadline: Deadline) {
        _ = unsafe cgb_client_await_change(raw, deadline.nanoseconds)
    }

    /// Makes a unary call on a target's channel and blocks until it ends, at the deadline in any case.
    func blockingCall(target: Int, method: String, request: borrowing [UInt8], deadline: Deadline) -> GRPCReply {
        unsafe GRPCReply(
            adopting: cgb_client_call(raw, target, method, request, request.count, nil, 0, deadline.nanoseconds)
        )
    }
}
