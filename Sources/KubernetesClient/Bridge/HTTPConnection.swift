internal import CGRPCBridge
internal import CHTTPBridge
internal import EtcdClient

/// A connection of HTTP/2 over TLS to one address of a server.
@safe
final class HTTPConnection {
    private let raw: OpaquePointer

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: An IP address of the server, or of the proxy.
    ///   - port: Its port.
    ///   - cluster: The server with its TLS.
    ///   - deadline: When to give up.
    /// - Throws: `HTTPFailure` when no connection came about.
    init(address: String, port: UInt16, to cluster: ClusterAccess, deadline: Deadline) throws(HTTPFailure) {
        var outcome = unsafe chb_outcome()
        let connection = unsafe cluster.withBridgedTLS { tls in
            unsafe address.withCString { address in
                unsafe cluster.server.authority.withCString { authority in
                    unsafe cluster.serverName.withCString { name in
                        unsafe withOptionalCString(cluster.proxy?.authorization?.revealed) { authorization in
                            var target = unsafe chb_target(
                                address: address,
                                port: port,
                                tunnel: cluster.proxy == nil ? nil : authority,
                                proxy_authorization: authorization,
                                server_name: name,
                                is_verified: cluster.isServerVerified
                            )
                            return unsafe chb_connection_open(&target, tls, deadline.nanoseconds, &outcome)
                        }
                    }
                }
            }
        }
        guard let connection = unsafe connection else {
            defer { unsafe chb_outcome_destroy(outcome) }
            throw unsafe HTTPFailure(outcome)
        }
        unsafe raw = connection
    }

    deinit {
        unsafe chb_connection_destroy(raw)
    }

    /// Whether another request may be tried on it, after what the server has said meanwhile; it does not wait.
    var isUsable: Bool {
        unsafe chb_connection_is_usable(raw)
    }

    /// Sends a request and waits for the whole response.
    func blockingCall(_ request: HTTPRequest, deadline: Deadline) throws(HTTPFailure) -> HTTPResponse {
        let outcome = unsafe request.withBridged { request in
            unsafe chb_connection_call(raw, request, deadline.nanoseconds)
        }
        defer { unsafe chb_outcome_destroy(outcome) }
        guard unsafe outcome.failure == .none else { throw unsafe HTTPFailure(outcome) }
        return unsafe HTTPResponse(outcome)
    }

    /// Sends a request without a body and waits until a response begins.
    ///
    /// - Returns: The response: one that says success without its body, which the stream has, and any other as a whole.
    func blockingOpen(
        _ request: HTTPRequest,
        deadline: Deadline
    ) throws(HTTPFailure) -> (response: HTTPResponse, stream: HTTPStream?) {
        var outcome = unsafe chb_outcome()
        let opened = unsafe request.withBridged { request in
            unsafe chb_stream_open(raw, request, deadline.nanoseconds, &outcome)
        }
        defer { unsafe chb_outcome_destroy(outcome) }
        guard unsafe outcome.failure == .none else { throw unsafe HTTPFailure(outcome) }
        let stream = unsafe opened.map { unsafe HTTPStream(adopting: $0, on: self) }
        return (unsafe HTTPResponse(outcome), stream)
    }
}
