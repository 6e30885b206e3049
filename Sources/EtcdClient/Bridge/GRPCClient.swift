internal import CGRPCBridge

/// Owns one `cgb_client`: the reference to the gRPC runtime and a channel for each target.
@safe
struct GRPCClient: ~Copyable {
    private let raw: OpaquePointer
    /// What wakes the client up; kept, because the client is bound to it.
    private let cancellation: Cancellation?
    /// The number of targets; they are numbered from 0.
    let targetCount: Int

    /// Makes a channel for each target; nothing is connected yet.
    ///
    /// With `keepalive` its connections are probed while a call lasts.
    init(
        targets: [Target],
        tls: TLSCredentials?,
        _ configuration: EtcdConfiguration,
        keepalive: Keepalive? = nil,
        cancellation: Cancellation? = nil
    ) {
        let client = unsafe tls.withBridged { unsafe cgb_client_create($0) }
        if let keepalive {
            unsafe cgb_client_set_keepalive(client, keepalive.time.asTimeout, keepalive.timeout.asTimeout)
        }
        for target in targets {
            _ = unsafe cgb_client_add_endpoint(
                client,
                target.name,
                target.serverName,
                configuration.resolveTimeout.asTimeout,
                configuration.connectTimeout.asTimeout
            )
        }
        unsafe raw = client.unsafelyUnwrapped
        targetCount = targets.count
        self.cancellation = cancellation
        unsafe cancellation?.withRaw { unsafe cgb_client_bind(client, $0) }
    }

    deinit {
        unsafe cgb_client_destroy(raw)
    }

    /// Reduces this process's OpenSSL to what TLS with an etcd needs, for the rest of the process.
    static func reduceOpenSSL() {
        cgb_tls_reduce_openssl()
    }

    /// Whether waiting has no sense any more.
    var isCanceled: Bool {
        cancellation?.isCanceled ?? false
    }

    /// The number of clients, streams, cancellations and replies that exist in this process.
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
    func blockingCall(
        target: Int,
        method: String,
        request: borrowing [UInt8],
        metadata: CallMetadata,
        deadline: Deadline
    ) -> GRPCReply {
        unsafe GRPCReply(
            adopting: metadata.withHeaders { headers, count in
                unsafe cgb_client_call(
                    raw,
                    target,
                    method,
                    request,
                    request.count,
                    headers,
                    count,
                    deadline.nanoseconds
                )
            }
        )
    }

    /// Opens a call on a target's channel in which both sides may send any number of messages.
    ///
    /// The cancellation of the client ends it too.
    func openStream(target: Int, method: String, metadata: CallMetadata) -> GRPCStream {
        let raw = unsafe raw
        let stream = unsafe metadata.withHeaders { headers, count in
            guard let cancellation else { return unsafe cgb_stream_open(raw, target, method, headers, count, nil) }
            return unsafe cancellation.withRaw { cancellation in
                unsafe cgb_stream_open(raw, target, method, headers, count, cancellation)
            }
        }
        return unsafe GRPCStream(adopting: stream.unsafelyUnwrapped, cancellation: cancellation)
    }
}

extension Duration {
    /// Whole milliseconds, at least one.
    fileprivate var asTimeout: Int32 {
        Int32(clamping: max(1, inMilliseconds))
    }
}
