/// A port of loopback that is taken and refuses every connection, for as long as its owner lives.
public final class RefusingPort: Sendable {
    private let socket: LoopbackSocket

    /// Takes a port.
    public init() throws {
        socket = try LoopbackSocket.bound()
    }

    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(socket.port)" }
}
