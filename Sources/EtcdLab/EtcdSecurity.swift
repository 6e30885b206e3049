/// How an etcd serves its clients.
public enum EtcdSecurity: Sendable {
    /// Without TLS.
    case plain
    /// With TLS and a server's certificate; with client authentication it asks clients for a certificate that
    /// `TLSFixture.ca` signed.
    case tls(server: TLSFixture, clientAuthentication: Bool)

    /// The scheme of a URL for clients.
    var scheme: String {
        switch self {
        case .plain: "http"
        case .tls: "https"
        }
    }

    var etcdArguments: [String] {
        switch self {
        case .plain:
            []
        case .tls(let server, let clientAuthentication):
            ["--cert-file", server.certificate, "--key-file", server.key]
                + (clientAuthentication ? ["--client-cert-auth", "--trusted-ca-file", TLSFixture.ca] : [])
        }
    }

    // The fixtures' own calls do not verify the server: its certificate may be a bad one on purpose.

    var etcdctlArguments: [String] {
        switch self {
        case .plain:
            []
        case .tls(_, let clientAuthentication):
            ["--insecure-transport=false", "--insecure-skip-tls-verify"]
                + (clientAuthentication ? Self.identity : [])
        }
    }

    var curlArguments: [String] {
        switch self {
        case .plain: []
        case .tls(_, let clientAuthentication): ["--insecure"] + (clientAuthentication ? Self.identity : [])
        }
    }

    /// The certificate of the fixtures' own calls, for etcdctl and curl alike.
    private static let identity = ["--cert", TLSFixture.clientECDSA.certificate, "--key", TLSFixture.clientECDSA.key]
}
