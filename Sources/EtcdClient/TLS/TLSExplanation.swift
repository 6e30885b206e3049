/// What keeps client and server from coming together over TLS, in words for an error.
struct TLSExplanation {
    let code: EtcdError.Code
    let message: String
    /// Whether trying again is of no use until somebody changes something.
    var isFinal = true
    /// What happened at the endpoint in question.
    let cause: String
    let advice: String
}

extension TLSExplanation {
    /// What an obstacle between this client and a server that should speak TLS means; nil when it is none of TLS.
    init?(_ obstacle: TLSObstacle, host: String, files: TLSConfiguration) {
        switch obstacle.kind {
        case .connection, .authorities, .certificate, .key, .mismatch:
            return nil
        case .noTLS:
            self.init(
                code: .handshakeFailed,
                message: "etcd does not speak TLS",
                isFinal: false,
                cause: "the server does not answer as a TLS server does (\(obstacle.details))",
                advice: "Write the endpoint with http:// and without TLS files, or turn TLS on in etcd."
            )
        case .untrusted:
            self.init(
                code: .handshakeFailed,
                message: "etcd's certificate is not trusted",
                cause: obstacle.details,
                advice: files.caFile == nil
                    ? "It was checked by the host's trust store: name a file with the CA that signed it, unless only its dates are at fault."
                    : "Check that the CA file holds the CA that signed it, and the dates of the certificate."
            )
        case .name:
            self.init(
                code: .handshakeFailed,
                message: "etcd's certificate is for another name",
                cause: obstacle.details.hasPrefix("it is for")
                    ? "\(obstacle.details), and not for \(host)" : "\(obstacle.details) that could be \(host)",
                advice:
                    "Name the endpoint as its certificate does, or add the name to the certificate's subjectAltName."
            )
        case .refused:
            self.init(
                code: .handshakeFailed,
                message: files.certificateFile == nil
                    ? "etcd demands a client certificate" : "etcd does not accept this client's certificate",
                cause: "the server refuses this client: \(obstacle.details)",
                advice:
                    "Name a client certificate and its key that etcd's --trusted-ca-file vouches for, within their dates."
            )
        case .handshake:
            self.init(
                code: .handshakeFailed,
                message: "no TLS connection to etcd came about",
                isFinal: false,
                cause: "the TLS handshake failed: \(obstacle.details)",
                advice: "Check the TLS settings of etcd (--cert-file, --cipher-suites, --client-cert-auth)."
            )
        }
    }

    /// The server's certificate has a key on another curve than P-256, the only one that gRPC takes over TLS 1.2.
    ///
    /// A probe would not find that: OpenSSL itself takes them all.
    static func curve(_ cause: String) -> TLSExplanation {
        TLSExplanation(
            code: .handshakeFailed,
            message: "etcd's certificate has a key that can't be used with TLS 1.2",
            cause: cause,
            advice: "Give etcd a certificate with an RSA key or one on P-256, or an etcd that speaks TLS 1.3."
        )
    }
}
