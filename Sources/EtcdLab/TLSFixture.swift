internal import Foundation

/// A certificate with its private key; those that are constants here are described in tls-fixtures/README.md.
public struct TLSFixture: Sendable, CustomStringConvertible {
    /// The path of the certificate, or of a chain that begins with it.
    public let certificate: String
    /// The path of the key in PKCS#8.
    public let key: String

    /// A good server.
    public static let serverECDSA = TLSFixture("server-ecdsa")
    /// A good server with RSA.
    public static let serverRSA = TLSFixture("server-rsa")
    /// A good server, signed by an intermediate CA.
    public static let serverChain = TLSFixture("server-chain")
    /// A server whose certificate has expired.
    public static let serverExpired = TLSFixture("server-expired")
    /// A server whose certificate is valid for other.example only.
    public static let serverWrongName = TLSFixture("server-wrong-name")
    /// A server whose certificate has a common name, localhost, and no subjectAltName.
    public static let serverWithoutSAN = TLSFixture("server-no-san")
    /// A server that `otherCA` signed.
    public static let serverOtherCA = TLSFixture("server-other-ca")

    /// A good client with the common name whereabouts.
    public static let clientECDSA = TLSFixture("client-ecdsa")
    /// A good client with RSA and the common name whereabouts.
    public static let clientRSA = TLSFixture("client-rsa")
    /// A good client with the common name nobody.
    public static let clientNobody = TLSFixture("client-nobody")
    /// A client whose certificate has expired.
    public static let clientExpired = TLSFixture("client-expired")
    /// A client that `otherCA` signed.
    public static let clientOtherCA = TLSFixture("client-other-ca")

    /// The path of the CA that tests trust.
    public static let ca = path("ca.crt")
    /// The path of another CA.
    public static let otherCA = path("other-ca.crt")
    /// The path of a file with both CAs.
    public static let caBundle = path("ca-bundle.crt")

    /// The path of a file in tls-fixtures/, for example `client-ecdsa.sec1.key`.
    public static func path(_ file: String) -> String {
        Checkout.root.appendingPathComponent("tls-fixtures").appendingPathComponent(file).path
    }

    /// The file name of the certificate.
    public var description: String {
        certificate.split(separator: "/").last.map(String.init) ?? certificate
    }

    /// Names a certificate and its key of a test's own.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    private init(_ name: String) {
        certificate = Self.path("\(name).crt")
        key = Self.path("\(name).key")
    }

    /// Makes a server's certificate, signed by `ca`, for localhost and for addresses that no committed one has.
    init(addresses: [String], in directory: ScratchDirectory) throws {
        certificate = directory.path("server.crt")
        key = directory.path("server.key")
        let names = ["DNS:localhost", "IP:127.0.0.1"] + addresses.map { "IP:\($0)" }
        let configuration = directory.path("openssl.cnf")
        let text = """
            [req]
            distinguished_name = name
            [name]
            [ca]
            default_ca = signing
            [signing]
            database = \(directory.path("index"))
            new_certs_dir = \(directory.url.path)
            rand_serial = yes
            default_md = sha256
            policy = any
            [any]
            commonName = supplied
            [extensions]
            basicConstraints = critical, CA:FALSE
            keyUsage = critical, digitalSignature
            extendedKeyUsage = serverAuth, clientAuth
            subjectAltName = \(names.joined(separator: ", "))
            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        try Data().write(to: URL(fileURLWithPath: directory.path("index")))
        let request = directory.path("request")
        let commands = [
            [
                "openssl", "req", "-new", "-config", configuration, "-subj", "/CN=localhost", "-newkey", "ec",
                "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-out", request, "-keyout", key,
            ],
            // As long as those that are committed: a clock that is wrong by hours, or years, does not make it invalid.
            [
                "openssl", "ca", "-batch", "-notext", "-config", configuration, "-in", request, "-out", certificate,
                "-cert", Self.ca, "-keyfile", Self.path("ca.key"), "-extensions", "extensions", "-startdate",
                "20200101000000Z", "-enddate", "21200101000000Z",
            ],
        ]
        for command in commands {
            _ = try RunningProcess("/usr/bin/env", command).wait().output(of: command)
        }
    }
}
