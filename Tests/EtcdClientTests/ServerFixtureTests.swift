import EtcdLab
import TestSupport
import Testing

/// The server with TLS and authentication that other tests rely on, as curl and etcdctl see it.
@Suite(.timeLimit(.minutes(15))) struct ServerFixtureTests {
    /// Runs curl on a server and returns its exit status (curl(1)): 0 for an answer, 60 for a server's certificate that
    /// it does not trust, another for a connection that the server ended.
    private func curl(_ server: EtcdServer, ca: String = TLSFixture.ca, _ client: TLSFixture?) throws -> Int32 {
        let identity = client.map { ["--cert", $0.certificate, "--key", $0.key] } ?? []
        let arguments = ["-sS", "--noproxy", "*", "--cacert", ca] + identity + ["\(server.clientURL)/version"]
        return try RunningProcess("/usr/bin/env", ["curl"] + arguments).wait().status
    }

    @Test(arguments: [TLSFixture.serverECDSA, .serverRSA, .serverChain])
    func goodServerServesGoodClients(certificate: TLSFixture) throws {
        let server = try EtcdServer(security: .tls(server: certificate, clientAuthentication: true))
        for client in [TLSFixture.clientECDSA, .clientRSA, .clientNobody] {
            #expect(try curl(server, client) == 0, "\(client)")
        }
        for client in [TLSFixture.clientExpired, .clientOtherCA, nil] {
            #expect(try ![0, 60].contains(curl(server, client)), "\(client?.description ?? "none")")
        }
        #expect(try curl(server, ca: TLSFixture.caBundle, .clientECDSA) == 0)
        #expect(try curl(server, ca: TLSFixture.otherCA, .clientECDSA) == 60)

        try server.etcdctl("put", "key", "value")
        server.stop()
        try server.start()
        #expect(try server.etcdctl("get", "key", "--print-value-only") == "value\n")
        #expect(try server.startedCalls("Range") == 1)
    }

    @Test func serverMayAskForNoCertificate() throws {
        let server = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        #expect(try curl(server, nil) == 0)
        try server.etcdctl("put", "key", "value")
    }

    @Test(arguments: [TLSFixture.serverExpired, .serverWrongName, .serverWithoutSAN, .serverOtherCA])
    func badServerServesThoseWhoDoNotVerify(certificate: TLSFixture) throws {
        let server = try EtcdServer(security: .tls(server: certificate, clientAuthentication: true))
        #expect(try curl(server, .clientECDSA) == 60)
        try server.etcdctl("put", "key", "value")
    }

    @Test func usersMayDoWhatTheirRolesAllow() throws {
        let server = try EtcdServer(
            security: .tls(server: .serverECDSA, clientAuthentication: true),
            arguments: ["--auth-token-ttl", "1"]
        )
        let users = [
            EtcdUser("whereabouts", password: "secret", access: .readWrite(prefix: "/w/")),
            EtcdUser("reader", password: "secret", access: .read(prefix: "/w/")),
            EtcdUser("elsewhere", password: "secret", access: .readWrite(prefix: "/e/")),
            EtcdUser("nobody", password: nil, access: .none),
        ]
        try server.enableAuthentication(users[0], users[1], users[2], users[3])

        // The fixture itself is root, and stays it.
        try server.etcdctl("put", "/w/key", "value")
        server.stop()
        try server.start()
        #expect(try server.etcdctl("get", "/w/key", "--print-value-only") == "value\n")
        #expect(try server.startedCalls("Authenticate", of: "Auth") == 1)

        for (user, canRead, canWrite) in [
            ("whereabouts", true, true), ("reader", true, false), ("elsewhere", false, false),
        ] {
            let login = ["--user", user, "--password", "secret"]
            #expect(try succeeds(server, .clientNobody, login + ["get", "/w/key"]) == canRead, "\(user)")
            #expect(try succeeds(server, .clientNobody, login + ["put", "/w/key", "new"]) == canWrite, "\(user)")
        }
        // Without a password the certificate's common name is the user.
        #expect(try succeeds(server, .clientRSA, ["put", "/w/key", "by certificate"]))
        #expect(try !succeeds(server, .clientNobody, ["get", "/w/key"]))

        try server.etcdctl("user", "passwd", "whereabouts", "--interactive=false", input: "changed\n")
        let login = ["--user", "whereabouts", "--password"]
        #expect(try !succeeds(server, .clientNobody, login + ["secret", "get", "/w/key"]))
        #expect(try succeeds(server, .clientNobody, login + ["changed", "get", "/w/key"]))
        try server.etcdctl("auth", "disable")
        try server.etcdctl("put", "/w/key", "for all")
    }

    /// Whether etcdctl succeeds as a client.
    private func succeeds(_ server: EtcdServer, _ client: TLSFixture, _ arguments: [String]) throws -> Bool {
        let options = [
            "--endpoints", server.clientURL, "--dial-timeout", "10s", "--command-timeout", "30s",
            "--cacert", TLSFixture.ca, "--cert", client.certificate, "--key", client.key,
        ]
        return try RunningProcess("/usr/bin/env", ["etcdctl"] + options + arguments).wait().status == 0
    }
}
