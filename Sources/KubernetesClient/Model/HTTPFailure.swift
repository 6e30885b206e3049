internal import EtcdClient

/// Why there is no response, or no connection.
struct HTTPFailure: Error, Hashable {
    /// What it means for who asked.
    enum Kind: Hashable {
        /// No TCP connection came about.
        case connection
        /// The host's name was not found.
        case name
        /// The proxy refused, or is none.
        case proxy
        /// TLS did not come about.
        case tls(TLSObstacle.Kind)
        /// The server ended the connection with an alert of TLS.
        case alert
        /// The server certainly did not process the request.
        case unprocessed
        /// The connection broke before the response was whole.
        case broken
        /// The deadline passed.
        case expired
        /// The response is larger than what may be.
        case tooLarge
        /// The server does not keep to HTTP/2.
        case `protocol`
    }

    let kind: Kind
    /// What happened, in the words of the library that found it.
    let details: String
    /// Whether nothing of the request was sent.
    var isBeforeRequest = false

    /// Whether it may pass by itself.
    var isTransient: Bool {
        switch kind {
        case .connection, .name, .unprocessed, .broken, .expired, .tls(.connection), .tls(.handshake): true
        case .proxy, .tls, .alert, .tooLarge, .protocol: false
        }
    }
}
