/// What stands in the way of a TLS connection, with OpenSSL's words and what the certificate in question says.
package struct TLSObstacle: Hashable {
    /// What it is that stands in the way.
    package enum Kind: Hashable {
        /// The authorities' certificates, the client's, or its key can't be decoded.
        case authorities, certificate, key
        /// The key is not that of the client's certificate.
        case mismatch
        /// No TCP connection came about.
        case connection
        /// The server did not answer as a TLS server does.
        case noTLS
        /// The server's certificate is not trusted.
        case untrusted
        /// The server's certificate is for other names.
        case name
        /// The server does not accept the client's certificate, or misses one.
        case refused
        /// Any other failure of the handshake.
        case handshake
    }

    let kind: Kind
    let details: String
}
