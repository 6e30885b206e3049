internal import Dispatch
internal import Hummingbird
internal import IPTypes
internal import Logging
internal import NIOPosix
internal import Synchronization
internal import Whereabouts

/// Tells over HTTP how the control loop is: `/metrics`, `/healthz` and `/readyz`.
enum MetricsServer {
    /// Listens, on threads of its own until the process ends; returns the port once it does.
    ///
    /// - Throws: `ControlLoopError.listener`.
    static func start(
        _ listen: ListenAddress,
        status: LoopStatus,
        calls: CallTally,
        logger: Logger
    ) throws(ControlLoopError) -> Int {
        let isKnown = DispatchSemaphore(value: 0)
        let box = Outcome()
        let application = Application(
            router: router(status, calls),
            configuration: .init(
                address: .hostname(listen.address.description, port: Int(listen.port)),
                serverName: "ip-control-loop"
            ),
            onServerRunning: { channel in
                box.set(.success(channel.localAddress?.port ?? 0))
                isKnown.signal()
            },
            // One thread: few ask, and as many as the host has cores would each take their memory.
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: quiet(logger)
        )
        Task.detached {
            do {
                try await application.run()
            } catch {
                box.set(.failure(.listener(listen, "\(error)")))
                isKnown.signal()
            }
        }
        isKnown.wait()
        return try box.get()
    }

    private final class Outcome: Sendable {
        private let result = Mutex<Result<Int, ControlLoopError>>(.success(0))

        func set(_ value: Result<Int, ControlLoopError>) {
            result.withLock { $0 = value }
        }

        func get() throws(ControlLoopError) -> Int {
            try result.withLock { $0 }.get()
        }
    }

    private static func router(_ status: LoopStatus, _ calls: CallTally) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/metrics") { _, _ in
            response(.ok, status.scrape().text(calls: calls.entries()), MetricsText.contentType)
        }
        router.get("/healthz") { _, _ in
            status.isAlive ? response(.ok, "ok\n") : response(.serviceUnavailable, "the loop does not go on\n")
        }
        router.get("/readyz") { _, _ in
            guard let obstacle = status.obstacle else { return response(.ok, "ok\n") }
            return response(.serviceUnavailable, obstacle + "\n")
        }
        return router
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ text: String,
        _ type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// Its own start is no news.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }
}
