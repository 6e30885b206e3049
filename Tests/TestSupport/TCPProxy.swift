internal import Synchronization

/// A TCP proxy on loopback before a server, which forwards its connections or does them harm.
///
/// It ends with its owner.
public final class TCPProxy: Sendable {
    /// What becomes of a connection.
    public enum Behavior: Sendable {
        /// It is forwarded both ways.
        case forward
        /// It is taken in, and nothing is ever said.
        case silence
        /// It is closed at once.
        case close
        /// The first bytes are answered with these, then it is closed.
        case answer(String)
        /// It is forwarded until the first request comes, and then closed: no request reaches the server.
        case loseRequest
        /// It is forwarded until the server answers a request, and then closed: the server has done it, the client never
        /// knows.
        case loseReply
        /// The same with the second request: a plugin's first one reads, its second one writes.
        case loseSecondReply
        /// The answer to the second request is kept back, and the connection stays open.
        case holdSecondReply
        /// It is forwarded until the server has sent so many bytes, and then closed.
        case closeBehind(answerBytes: Int)
    }

    /// The port to connect to.
    public var port: UInt16 { listener.port }
    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(port)" }
    /// The number of connections that came so far.
    public var acceptedCount: Int { listener.acceptedCount }

    private final class Plan: Sendable {
        private let behaviors: Mutex<[Behavior]>

        init(_ behaviors: [Behavior]) {
            self.behaviors = Mutex(behaviors)
        }

        /// The next connection's behaviour; the last one stays.
        func next() -> Behavior {
            behaviors.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }

        func replace(_ new: Behavior) {
            behaviors.withLock { $0 = [new] }
        }
    }

    private let listener: LoopbackListener
    private let plan: Plan

    /// Starts a proxy before the server on `serverPort`.
    ///
    /// The first connection meets the first behaviour and so on; the last
    /// behaviour stays.
    public init(to serverPort: UInt16 = 0, _ behaviors: Behavior...) throws {
        let plan = Plan(behaviors.isEmpty ? [.forward] : behaviors)
        self.plan = plan
        listener = try LoopbackListener { client, _, listener in
            switch plan.next() {
            case .forward:
                Self.join(client, serverPort, listener)
            case .loseRequest:
                Self.join(client, serverPort, listener, requestHeadersToPass: 0)
            case .loseReply:
                Self.join(client, serverPort, listener, answerHeadersToPass: 0)
            case .loseSecondReply:
                // An answer opens with one block of headers, and closes with another.
                Self.join(client, serverPort, listener, answerHeadersToPass: 2)
            case .holdSecondReply:
                Self.join(client, serverPort, listener, answerHeadersToPass: 2, holdsRest: true)
            case .closeBehind(let count):
                Self.join(client, serverPort, listener, answerBytesToPass: count)
            case .silence:
                while client.read() != nil {}
            case .close:
                break
            case .answer(let text):
                _ = client.read()
                client.write(Array(text.utf8))
            }
        }
    }

    deinit {
        listener.stop()
    }

    /// Ends all connections; the ones to come meet a new behaviour.
    public func cut(then behavior: Behavior) {
        plan.replace(behavior)
        listener.cut()
    }

    /// Forwards a connection until one side ends it, or the frame comes that is to be lost.
    private static func join(
        _ client: LoopbackSocket,
        _ serverPort: UInt16,
        _ listener: LoopbackListener,
        requestHeadersToPass: Int? = nil,
        answerHeadersToPass: Int? = nil,
        answerBytesToPass: Int = .max,
        holdsRest: Bool = false
    ) {
        guard let server = try? LoopbackSocket.connected(to: serverPort) else { return }
        listener.spawn {
            listener.withRegistered(server) {
                copy(
                    from: server,
                    to: client,
                    prefaceCount: 0,
                    headersToPass: answerHeadersToPass,
                    bytesToPass: answerBytesToPass
                )
                if holdsRest {
                    while server.read() != nil {}
                }
            }
            client.shutdown()
        }
        copy(from: client, to: server, prefaceCount: HTTP2Frame.prefaceCount, headersToPass: requestHeadersToPass)
        server.shutdown()
    }

    /// Copies all bytes, or whole frames until as many blocks of headers have passed and the next one comes.
    private static func copy(
        from source: LoopbackSocket,
        to sink: LoopbackSocket,
        prefaceCount: Int,
        headersToPass: Int?,
        bytesToPass: Int = .max
    ) {
        var bytesLeft = bytesToPass
        var headersLeft = headersToPass ?? 0
        var held: [UInt8] = []
        var prefaceLeft = prefaceCount
        while let bytes = source.read() {
            guard headersToPass != nil else {
                sink.write(Array(bytes.prefix(bytesLeft)))
                bytesLeft -= bytes.count
                guard bytesLeft > 0 else { return }
                continue
            }
            let preface = bytes.prefix(prefaceLeft)
            prefaceLeft -= preface.count
            sink.write(Array(preface))
            held += bytes.dropFirst(preface.count)
            while let frame = HTTP2Frame(takingFrom: &held) {
                if frame.kind == HTTP2Frame.Kind.headers {
                    guard headersLeft > 0 else { return }
                    headersLeft -= 1
                }
                sink.write(frame.bytes)
            }
        }
    }
}
