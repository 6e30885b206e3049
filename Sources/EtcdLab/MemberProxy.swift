internal import NIOCore
internal import NIOPosix

/// A TCP proxy on loopback before a member's client address, whose conduct can be changed at any moment.
///
/// It forwards bytes and knows nothing of what they mean, so it stands before TLS too: the member's certificate must name 127.0.0.1.
/// Connections end for both sides as the one side ended them: one direction after the other, or with a reset. A member that can't be
/// connected to resets the client.
///
/// It ends with its owner.
public final class MemberProxy: Sendable {
    /// What becomes of connections.
    public enum Conduct: Sendable, Hashable {
        /// They are forwarded.
        case forwarding
        /// Each way takes longer by a time of chance in a range; what comes first arrives first.
        case delaying(ClosedRange<Duration>)
        /// Each connection ends in the midst: what the client says still reaches the member, and what the member answers to it
        /// reaches nobody. How often the two have spoken before is left to chance.
        case cutting
    }

    /// The port to connect to.
    public let port: Int

    private let orders: ProxyOrders
    private let task: Task<Void, Never>
    private let end: EventLoopFuture<Void>

    /// Starts a proxy before a host's port; the seed is for what it leaves to chance.
    ///
    /// - Throws: `IOError` when there is no port to listen on.
    public init(to host: String, port: Int, seed: UInt64) throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let (bound, ended) = (loop.makePromise(of: Int.self), loop.makePromise(of: Void.self))
        let orders = ProxyOrders(seed: seed)
        self.orders = orders
        end = ended.futureResult
        task = Task {
            await Self.serve(host, port, orders, bound)
            ended.succeed()
        }
        self.port = try bound.futureResult.wait()
    }

    deinit {
        task.cancel()
    }

    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(port)" }

    /// What becomes of connections, those that are there and those to come.
    public var conduct: Conduct {
        get { orders.conduct }
        set { orders.conduct = newValue }
    }

    /// The number of connections that were cut when the member had said something that the client never got.
    public var cutCount: Int { orders.cutCount }

    /// Ends all connections, and waits until that is done.
    public func close() {
        task.cancel()
        try? end.wait()
    }

    private static func serve(_ host: String, _ port: Int, _ orders: ProxyOrders, _ bound: EventLoopPromise<Int>) async
    {
        do {
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .bind(host: "127.0.0.1", port: 0) { channel in
                    channel.eventLoop.makeCompletedFuture { try ProxiedSide(channel) }
                }
            bound.succeed(server.channel.localAddress?.port ?? 0)
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { clients in
                    for try await client in clients {
                        group.addTask { await ProxiedConnection(client, orders).run(to: host, port) }
                    }
                }
            }
        } catch {
            // The port is there already, unless it was this that failed.
            bound.fail(error)
        }
    }
}
