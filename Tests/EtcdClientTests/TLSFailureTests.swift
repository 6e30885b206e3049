import EtcdClient
import EtcdLab
import TestSupport
import Testing

/// TLS connections that don't come about: the one who reads the error must know which side has to change what.
@Suite(.timeLimit(.minutes(15))) struct TLSFailureTests {
    private func failure(_ configuration: EtcdConfiguration) throws -> EtcdError {
        let begin = Deadline.now
        let client = try EtcdClient(configuration)
        let read = try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }
        let write = try #require(throws: EtcdError.self) {
            try EtcdClient(configuration).put(PutRequest("key", "value"), deadline: .far)
        }
        #expect(read.code == write.code)
        #expect(read.message == write.message)
        #expect(Deadline.now.duration(since: begin) < .seconds(30))
        return read
    }

    @Test(arguments: [
        (TLSFixture.serverOtherCA, "unable to get local issuer certificate"),
        (.serverExpired, "certificate has expired: the certificate of CN=localhost was valid until "),
        (.serverWrongName, "it is for other.example, and not for 127.0.0.1"),
        (.serverWithoutSAN, "it has no subject alternative name that could be 127.0.0.1"),
    ])
    func untrustedServerIsNamedWithTheReason(server: TLSFixture, cause: String) throws {
        let etcd = try EtcdServer(security: .tls(server: server, clientAuthentication: false))
        let error = try failure(.secure(etcd.endpoint, tls: .fixture()))
        #expect(error.code == .handshakeFailed)
        #expect(error.attempts.map(\.endpoint) == [etcd.endpoint])
        #expect(error.attempts[0].cause.contains(cause), "\(error)")
        #expect(error.advice != nil)
    }

    @Test func commonNameIsNoName() throws {
        // gRPC itself would take the common name, localhost.
        let etcd = try EtcdServer(security: .tls(server: .serverWithoutSAN, clientAuthentication: false))
        let error = try failure(.secure("localhost:\(etcd.clientPort)", tls: .fixture()))
        #expect(error.code == .handshakeFailed)
        #expect(error.attempts[0].cause.contains("it has no subject alternative name"), "\(error)")
    }

    @Test(arguments: [TLSFixture?.none, .clientOtherCA, .clientExpired])
    func clientThatTheServerRefusesIsToldSo(client: TLSFixture?) throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let error = try failure(.secure(etcd.endpoint, tls: .fixture(client)))
        #expect(error.code == .handshakeFailed)
        #expect(
            error.message
                == (client == nil
                    ? "etcd demands a client certificate" : "etcd does not accept this client's certificate")
        )
        #expect(error.attempts[0].cause.contains("bad certificate"), "\(error)")
        #expect(error.advice?.contains("--trusted-ca-file") == true)
    }

    @Test func hostsTrustDoesNotExtendToAPrivateAuthority() throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        let error = try failure(.hasty(etcd.clientURL))
        #expect(error.code == .handshakeFailed)
        #expect(error.message == "etcd's certificate is not trusted")
        #expect(error.advice?.contains("the host's trust store") == true)
    }

    @Test func clearTextAtATLSServerIsToldSo() throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let error = try failure(.hasty(etcd.endpoint))
        #expect(error.code == .handshakeFailed)
        #expect(error.description.contains("the server speaks TLS"))
        #expect(error.advice?.contains("https://") == true)
    }

    @Test func tlsAtAServerInClearTextIsToldSo() throws {
        let etcd = try EtcdServer()
        let error = try failure(.secure(etcd.endpoint, tls: .fixture()))
        #expect(error.code == .handshakeFailed)
        #expect(error.message == "etcd does not speak TLS")
    }

    @Test func oneUntrustedEndpointDoesNotHideAnotherOneThatIsDown() throws {
        let etcd = try EtcdServer(security: .tls(server: .serverExpired, clientAuthentication: false))
        let port = try RefusingPort()
        let error = try failure(.secure(etcd.endpoint, port.endpoint, tls: .fixture()))
        // What is down may come back, and may be the one with a good certificate.
        #expect(error.code == .unreachable)
        #expect(error.attempts.map { $0.cause.contains("certificate") } == [true, false], "\(error)")
        #expect(error.attempts.count == 2)
        #expect(error.attempts[0].cause.contains("certificate has expired"), "\(error)")
        #expect(error.attempts[1].cause.contains("Connection refused"), "\(error)")
    }
}
