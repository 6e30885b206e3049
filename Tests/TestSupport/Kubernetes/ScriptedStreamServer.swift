internal import EtcdLab
internal import Foundation
internal import Synchronization

/// A server of HTTP/2 over TLS on loopback that answers each request as it was told, frame by frame and within the windows of flow control.
///
/// It is there for answers that no API server gives on demand, or at all. It ends with its owner.
public final class ScriptedStreamServer: Sendable {
    /// A part of an answer.
    public enum Step: Sendable {
        /// Time that passes before all else.
        case delay(seconds: Double)
        /// The status, 200 unless one comes first.
        case status(Int)
        /// A piece of the body, in a frame of its own, or in several that are full.
        case data([UInt8])
        /// The end of the answer. Without it the stream stays open.
        case end
        /// The end of the connection, when all before it was sent.
        case cut
        /// The end of the stream with one of the codes of RFC 9113 section 7; where it comes first there is no status.
        case reset(code: UInt8)

        /// A text as a piece of the body.
        public static func text(_ text: String) -> Step {
            .data(Array(text.utf8))
        }
    }

    private struct State {
        var answers: [[Step]]
        var sent = 0
        var resets = 0
        var connections = 0
        var requests = 0
    }

    /// The port to connect to.
    public var port: UInt16 { front.port }

    private let listener: LoopbackListener
    private let front: UncheckedFront
    private let state: Box

    private final class Box: Sendable {
        let value: Mutex<State>

        init(_ state: State) {
            value = Mutex(state)
        }
    }

    /// The front is only held.
    private struct UncheckedFront: @unchecked Sendable {
        let front: TLSFront
        var port: UInt16 { front.port }
    }

    /// Starts a server; the last answer stays.
    public init(_ answers: [Step]..., answersPings: Bool = true) throws {
        let state = Box(State(answers: answers))
        self.state = state
        listener = try LoopbackListener { client, _, _ in
            state.value.withLock { $0.connections += 1 }
            var connection = Connection(client: client, answersPings: answersPings)
            connection.serve(
                answer: {
                    state.value.withLock {
                        $0.requests += 1
                        return $0.answers.count > 1 ? $0.answers.removeFirst() : $0.answers[0]
                    }
                },
                sent: { count in state.value.withLock { $0.sent += count } },
                reset: { state.value.withLock { $0.resets += 1 } }
            )
        }
        front = UncheckedFront(
            front: try TLSFront(to: "127.0.0.1:\(listener.port)", server: .serverECDSA, version: "TLSv1.3")
        )
    }

    deinit {
        listener.stop()
    }

    /// How many bytes of bodies were sent so far.
    public var sentCount: Int {
        state.value.withLock { $0.sent }
    }

    /// How many streams the client has ended before the server did.
    public var resetCount: Int {
        state.value.withLock { $0.resets }
    }

    /// How many requests came so far.
    public var requestCount: Int {
        state.value.withLock { $0.requests }
    }

    /// How many connections came so far, one of them to see whether the front listens.
    public var connectionCount: Int {
        state.value.withLock { $0.connections }
    }

    /// One connection; its thread waits in `read` for what the client says, and writes in between.
    private struct Connection {
        private struct Answer {
            var steps: ArraySlice<Step>
            /// What is left of the piece that is being sent.
            var piece: ArraySlice<UInt8> = []
            var window: Int
        }

        private static let largestFrame = 16384

        let client: LoopbackSocket
        let answersPings: Bool
        private var answers: [UInt32: Answer] = [:]
        private var window = 65535
        private var streamWindow = 65535

        init(client: LoopbackSocket, answersPings: Bool) {
            self.client = client
            self.answersPings = answersPings
        }

        mutating func serve(answer: () -> [Step], sent: (Int) -> Void, reset: () -> Void) {
            client.write(HTTP2Frame(kind: HTTP2Frame.Kind.settings).bytes)
            var received: [UInt8] = []
            var prefaceLeft = HTTP2Frame.prefaceCount
            while let bytes = client.read() {
                received += bytes.dropFirst(prefaceLeft)
                prefaceLeft -= min(prefaceLeft, bytes.count)
                while let frame = HTTP2Frame(takingFrom: &received) {
                    take(frame, answer: answer, reset: reset)
                }
                guard pump(sent) else { return }
            }
        }

        private mutating func take(_ frame: HTTP2Frame, answer: () -> [Step], reset: () -> Void) {
            switch frame.kind {
            case HTTP2Frame.Kind.settings where frame.flags & HTTP2Frame.Flag.acknowledgement == 0:
                // SETTINGS_INITIAL_WINDOW_SIZE is number 4 (RFC 9113 section 6.5.2).
                for start in stride(from: 0, to: frame.payload.count, by: 6) where frame.payload[start + 1] == 4 {
                    streamWindow = Self.number(frame.payload[start + 2..<start + 6])
                }
                client.write(HTTP2Frame(kind: frame.kind, flags: HTTP2Frame.Flag.acknowledgement).bytes)
            case HTTP2Frame.Kind.ping where answersPings && frame.flags & HTTP2Frame.Flag.acknowledgement == 0:
                let flags = HTTP2Frame.Flag.acknowledgement
                client.write(HTTP2Frame(kind: frame.kind, flags: flags, payload: frame.payload).bytes)
            case HTTP2Frame.Kind.windowUpdate where frame.stream == 0:
                window += Self.number(frame.payload[...])
            case HTTP2Frame.Kind.windowUpdate:
                answers[frame.stream]?.window += Self.number(frame.payload[...])
            case HTTP2Frame.Kind.resetStream:
                answers[frame.stream] = nil
                reset()
            case HTTP2Frame.Kind.headers:
                var steps = answer()
                if case .delay(let seconds)? = steps.first {
                    Thread.sleep(forTimeInterval: seconds)
                    steps.removeFirst()
                }
                if case .reset(let code)? = steps.first { return end(frame.stream, code) }
                var status = 200
                if case .status(let other)? = steps.first {
                    status = other
                    steps.removeFirst()
                }
                answers[frame.stream] = Answer(steps: steps[...], window: streamWindow)
                let payload = HTTP2Frame.field(":status", String(status))
                let flags = HTTP2Frame.Flag.endHeaders
                client.write(
                    HTTP2Frame(kind: frame.kind, flags: flags, stream: frame.stream, payload: payload).bytes
                )
            default:
                break
            }
        }

        private func end(_ stream: UInt32, _ code: UInt8) {
            client.write(
                HTTP2Frame(kind: HTTP2Frame.Kind.resetStream, stream: stream, payload: [0, 0, 0, code]).bytes
            )
        }

        private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
            bytes.reduce(0) { $0 << 8 | Int($1) }
        }

        /// Sends what the windows allow; false when the connection is to be cut.
        private mutating func pump(_ sent: (Int) -> Void) -> Bool {
            for stream in answers.keys.sorted() {
                while var answer = answers[stream] {
                    if answer.piece.isEmpty {
                        switch answer.steps.popFirst() {
                        case nil, .delay, .status: break
                        case .cut: return false
                        case .reset(let code):
                            end(stream, code)
                            answers[stream] = nil
                            continue
                        case .data(let bytes): answer.piece = bytes[...]
                        case .end:
                            let flags = HTTP2Frame.Flag.endStream
                            client.write(HTTP2Frame(kind: HTTP2Frame.Kind.data, flags: flags, stream: stream).bytes)
                            answers[stream] = nil
                            continue
                        }
                    }
                    let part = answer.piece.prefix(min(window, answer.window, Self.largestFrame))
                    if !part.isEmpty {
                        client.write(HTTP2Frame(kind: HTTP2Frame.Kind.data, stream: stream, payload: Array(part)).bytes)
                        sent(part.count)
                        window -= part.count
                        answer.window -= part.count
                        answer.piece = answer.piece.dropFirst(part.count)
                    }
                    answers[stream] = answer
                    if part.isEmpty { break }
                }
            }
            return true
        }
    }
}
