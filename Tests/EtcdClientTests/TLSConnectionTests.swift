import TestSupport
import Testing

@testable import EtcdClient

extension TLSConfiguration {
    /// What a client of the fixtures needs; without an identity it shows no certificate.
    static func fixture(_ identity: TLSFixture? = nil, ca: String = TLSFixture.ca, key: String? = nil) -> Self {
        TLSConfiguration(caFile: ca, certificateFile: identity?.certificate, keyFile: key ?? identity?.key)
    }
}

extension EtcdConfiguration {
    /// A hasty configuration with TLS.
    static func secure(_ endpoints: String..., tls: TLSConfiguration) throws -> EtcdConfiguration {
        var configuration = try hasty(endpoints.joined(separator: ","))
        configuration.tls = tls
        return configuration
    }
}

/// TLS connections that come about.
@Suite(.timeLimit(.minutes(15))) struct TLSConnectionTests {
    static let servers = [TLSFixture.serverECDSA, .serverRSA, .serverChain]
    static let clients = [TLSFixture.clientECDSA, .clientRSA]

    private func expectService(_ configuration: EtcdConfiguration) throws {
        let client = try EtcdClient(configuration)
        try client.put(PutRequest("key", "value"), deadline: .far)
        #expect(try client.text("key") == "value")
    }

    @Test(arguments: servers) func serverIsTrustedByItsAuthority(server: TLSFixture) throws {
        let etcd = try EtcdServer(security: .tls(server: server, clientAuthentication: false))
        for ca in [TLSFixture.ca, TLSFixture.caBundle] {
            try expectService(.secure(etcd.endpoint, tls: .fixture(ca: ca)))
        }
        try expectService(.secure(etcd.clientURL, tls: .fixture()))
        try expectService(.secure("localhost:\(etcd.clientPort)", tls: .fixture()))
    }

    @Test(arguments: servers) func clientsShowTheirCertificates(server: TLSFixture) throws {
        let etcd = try EtcdServer(security: .tls(server: server, clientAuthentication: true))
        for client in Self.clients {
            try expectService(.secure(etcd.endpoint, tls: .fixture(client)))
        }
    }

    @Test(arguments: [
        (TLSFixture.clientECDSA, "client-ecdsa.key"), (.clientECDSA, "client-ecdsa.sec1.key"),
        (.clientRSA, "client-rsa.key"), (.clientRSA, "client-rsa.pkcs1.key"),
    ])
    func everyFormOfAKeyIsRead(client: TLSFixture, key: String) throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        try expectService(.secure(etcd.endpoint, tls: .fixture(client, key: TLSFixture.path(key))))
    }

    @Test func bothVersionsOfTLSAreSpoken() throws {
        let etcd = try EtcdServer()
        for version in ["TLSv1.2", "TLSv1.3"] {
            let front = try TLSFront(to: etcd.endpoint, server: .serverECDSA, version: version)
            try expectService(.secure(front.endpoint, tls: .fixture()))
        }
        let old = try TLSFront(to: etcd.endpoint, server: .serverECDSA, version: "TLSv1.1")
        let error = try #require(throws: EtcdError.self) {
            try EtcdClient(.secure(old.endpoint, tls: .fixture())).get("key", deadline: .far)
        }
        #expect(error.code == .handshakeFailed || error.code == .unreachable)
    }

    @Test func everyEndpointIsCheckedByItsOwnName() throws {
        // The second one's certificate is for another name: as long as the first serves nothing is noticed, then it is refused.
        let good = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        let other = try EtcdServer(security: .tls(server: .serverWrongName, clientAuthentication: false))
        let client = try EtcdClient(.secure(other.endpoint, good.endpoint, tls: .fixture()))
        try client.put(PutRequest("key", "value"), deadline: .far)
        good.stop()
        let error = try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }
        #expect(error.attempts.map(\.endpoint) == [other.endpoint, good.endpoint])
        #expect(error.description.contains("other.example"))
        #expect(error.description.contains("Connection refused"))
    }

    @Test func replacedFilesAreReadBeforeTheNextConnection() throws {
        let directory = try ScratchDirectory("tls-rotation")
        let tls = TLSConfiguration(
            caFile: directory.path("ca.crt"),
            certificateFile: directory.path("client.crt"),
            keyFile: directory.path("client.key")
        )
        func install(_ identity: TLSFixture, ca: String) throws {
            for (source, target) in [
                (ca, "ca.crt"), (identity.certificate, "client.crt"), (identity.key, "client.key"),
            ] {
                try RunningProcess.run("cp", source, directory.path(target))
            }
        }
        try install(.clientOtherCA, ca: TLSFixture.otherCA)
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let client = try EtcdClient(.secure(etcd.endpoint, tls: tls))
        let error = try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }
        #expect(error.code == .handshakeFailed)

        try install(.clientECDSA, ca: TLSFixture.ca)
        // The first connection is made with what was read before; when it fails the files are read again.
        try client.put(PutRequest("key", "value"), deadline: .far)
        #expect(try client.text("key") == "value")
    }
}
