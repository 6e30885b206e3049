import EtcdLab
import KubernetesClient
import KubernetesLab
import TestSupport
import Testing

/// What the server shows, and what is trusted.
@Suite(.timeLimit(.minutes(10))) struct ServerCertificateTests {
    private func failure(_ client: APIClient) throws -> KubernetesError {
        let read = try client.readFailure()
        let write = try client.writeFailure()
        #expect(read.code == write.code)
        #expect(read.message == write.message)
        #expect(read.advice != nil)
        return read
    }

    @Test func authorityOfAnotherServerIsNoGood() throws {
        let error = try failure(APIClient(authority: TLSFixture.otherCA))
        #expect(error.code == .handshakeFailed)
        #expect(error.message.contains("is not trusted: unable to get local issuer certificate"), "\(error)")
        #expect(error.advice?.contains("certificate-authority") == true)
    }

    @Test(arguments: [
        (TLSFixture.serverOtherCA, "is not trusted: unable to get local issuer certificate"),
        (
            .serverExpired,
            "is not trusted: certificate has expired: the certificate of CN=localhost was valid until 2021-01-01"
        ),
        (.serverWrongName, "is not for 127.0.0.1: it is for other.example"),
        (.serverWithoutSAN, "is not for 127.0.0.1: it has no subject alternative name"),
    ])
    func untrustedServerIsNamedWithTheReason(certificate: TLSFixture, reason: String) throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port, .tls(certificate))
        let error = try failure(APIClient(port: front.port))
        #expect(error.code == .handshakeFailed)
        #expect(error.message.contains(reason), "\(error)")
        #expect(try front.requests(atLeast: 0).isEmpty)
    }

    @Test(arguments: [TLSFixture.serverExpired, .serverWrongName, .serverOtherCA])
    func nothingIsVerifiedWhereItIsNotWanted(certificate: TLSFixture) throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port, .tls(certificate))
        let client = try APIClient(port: front.port, authority: nil, cluster: ["insecure-skip-tls-verify": "true"])
        #expect(try client.send(.get, "p") == .missing)
    }

    @Test func serverMayHaveAnotherName() throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port, .tls(.serverWrongName))
        let client = try APIClient(port: front.port, cluster: ["tls-server-name": #""other.example""#])
        #expect(try client.send(.get, "p") == .missing)
        let other = try failure(APIClient(port: front.port, cluster: ["tls-server-name": #""third.example""#]))
        #expect(other.message.contains("is not for third.example: it is for other.example"), "\(other)")
    }

    @Test(arguments: [TLSFixture.serverRSA, .serverChain])
    func otherKindsOfCertificate(certificate: TLSFixture) throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port, .tls(certificate))
        #expect(try APIClient(port: front.port).send(.get, "p") == .missing)
    }

    @Test func nameIsLookedUp() throws {
        let client = try APIClient(host: "localhost")
        #expect(client.client.server == "localhost:\(client.server.port)")
        #expect(try client.send(.get, "p") == .missing)
    }

    @Test func serverInClearTextIsNone() throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port, .clearTextOfHTTP1)
        let error = try failure(APIClient(port: front.port))
        #expect(error.code == .handshakeFailed)
        #expect(error.message.contains("does not speak HTTP/2 over TLS: wrong version number"), "\(error)")
    }

    @Test func unreadableAuthorityIsNamed() throws {
        let error = try failure(APIClient(authority: TLSFixture.path("damaged.crt")))
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("the certificate-authority of the API server"), "\(error)")
    }
}
