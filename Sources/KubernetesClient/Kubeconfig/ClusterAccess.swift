internal import EtcdClient

/// An API server, and as whom it is spoken to.
struct ClusterAccess: Hashable {
    /// A way to show who one is, beside a client certificate.
    enum Credentials: Hashable {
        case none
        case token(Secret)
        /// The token is read from the file, again whenever the server does not accept it.
        case tokenFile(String)
    }

    /// A certificate chain with the key of its first certificate, as PEM texts.
    struct Identity: Hashable {
        let certificateChain: String
        let privateKey: Secret
    }

    /// A proxy that connects to the server (RFC 9110 section 9.3.6).
    struct Proxy: Hashable {
        let url: ServerURL
        /// The value of the header Proxy-Authorization.
        let authorization: Secret?
    }

    let server: ServerURL
    /// The certificates of the authorities that the server is trusted by; nil when nothing of it is verified.
    let authorities: String?
    /// The name or address that the server's certificate is for.
    let serverName: String
    let identity: Identity?
    let credentials: Credentials
    let proxy: Proxy?
    /// The namespace that the context names.
    let namespace: String?

    /// Whether the server's certificate is looked at.
    var isServerVerified: Bool {
        authorities != nil
    }
}
