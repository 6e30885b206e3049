internal import CHTTPBridge
internal import EtcdClient

/// The body of a response, read piece by piece as it comes; the connection serves other requests beside it.
///
/// What nobody reads stays with the server, but for one window of HTTP/2.
@safe
final class HTTPStream {
    /// What a read came to.
    enum Piece {
        case bytes([UInt8])
        /// The response is whole.
        case end
        /// Nothing came by the deadline; the stream goes on.
        case nothing
    }

    private let raw: OpaquePointer
    /// It must outlive the stream.
    private let connection: HTTPConnection

    /// Takes over a stream of the bridge.
    init(adopting raw: OpaquePointer, on connection: HTTPConnection) {
        unsafe self.raw = raw
        self.connection = connection
    }

    deinit {
        unsafe chb_stream_destroy(raw)
    }

    /// Returns what has come, or else waits for more.
    func blockingRead(deadline: Deadline) throws(HTTPFailure) -> Piece {
        let outcome = unsafe chb_stream_read(raw, deadline.nanoseconds)
        defer { unsafe chb_outcome_destroy(outcome) }
        switch unsafe outcome.failure {
        case .none:
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: outcome.body, count: outcome.body_count))
            return bytes.isEmpty ? .end : .bytes(bytes)
        case .expired:
            return .nothing
        default:
            throw unsafe HTTPFailure(outcome)
        }
    }
}
