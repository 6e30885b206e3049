/// A gRPC server on loopback that answers every call with what it was given, whatever the request, or not at all.
///
/// It is there for answers that no etcd gives on demand, or at all. It ends with its owner.
public final class ScriptedGRPCServer: Sendable {
    /// One answer.
    public struct Answer: Sendable {
        let status: Int
        let text: String
        let payload: [UInt8]?

        /// Makes an answer; without a payload it has a status only.
        public init(status: Int = 0, _ text: String = "", payload: [UInt8]? = nil) {
            self.status = status
            self.text = text
            self.payload = payload
        }
    }

    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(listener.port)" }

    private let listener: LoopbackListener

    /// Starts a server; without an answer it takes requests and says nothing to them.
    public init(_ answer: Answer? = nil) throws {
        listener = try LoopbackListener { client, _, _ in
            client.write(HTTP2Frame(kind: HTTP2Frame.Kind.settings).bytes)
            var received: [UInt8] = []
            var prefaceLeft = HTTP2Frame.prefaceCount
            while let bytes = client.read() {
                received += bytes.dropFirst(prefaceLeft)
                prefaceLeft -= min(prefaceLeft, bytes.count)
                while let frame = HTTP2Frame(takingFrom: &received) {
                    for reply in Self.replies(to: frame, answer) {
                        client.write(reply.bytes)
                    }
                }
            }
        }
    }

    deinit {
        listener.stop()
    }

    private static func replies(to frame: HTTP2Frame, _ answer: Answer?) -> [HTTP2Frame] {
        switch frame.kind {
        case HTTP2Frame.Kind.settings where frame.flags & HTTP2Frame.Flag.acknowledgement == 0:
            [HTTP2Frame(kind: frame.kind, flags: HTTP2Frame.Flag.acknowledgement)]
        case HTTP2Frame.Kind.ping where frame.flags & HTTP2Frame.Flag.acknowledgement == 0:
            [HTTP2Frame(kind: frame.kind, flags: HTTP2Frame.Flag.acknowledgement, payload: frame.payload)]
        case HTTP2Frame.Kind.data where frame.flags & HTTP2Frame.Flag.endStream != 0:
            answer.map { frames(of: $0, stream: frame.stream) } ?? []
        default:
            []
        }
    }

    /// The answer as gRPC puts it on a stream of HTTP/2 (grpc/grpc, doc/PROTOCOL-HTTP2.md).
    private static func frames(of answer: Answer, stream: UInt32) -> [HTTP2Frame] {
        var frames = [
            HTTP2Frame(
                kind: HTTP2Frame.Kind.headers,
                flags: HTTP2Frame.Flag.endHeaders,
                stream: stream,
                // 0x88 is ":status: 200" of the static table (RFC 7541 appendix A).
                payload: [0x88] + HTTP2Frame.field("content-type", "application/grpc")
            )
        ]
        if let payload = answer.payload {
            let count = (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (24 - 8 * $0)) }
            frames.append(HTTP2Frame(kind: HTTP2Frame.Kind.data, stream: stream, payload: [0] + count + payload))
        }
        frames.append(
            HTTP2Frame(
                kind: HTTP2Frame.Kind.headers,
                flags: HTTP2Frame.Flag.endHeaders | HTTP2Frame.Flag.endStream,
                stream: stream,
                payload: HTTP2Frame.field("grpc-status", String(answer.status))
                    + HTTP2Frame.field("grpc-message", answer.text)
            )
        )
        return frames
    }
}
