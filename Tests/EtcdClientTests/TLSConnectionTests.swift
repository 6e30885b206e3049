import EtcdLab
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

    @Test(arguments: ["[::1]", "[0:0::1]", "[0::0001]"])
    func addressOfIPv6IsCheckedHoweverItIsWritten(host: String) throws {
        let etcd = try EtcdServer()
        let good = try TLSFront(to: etcd.endpoint, server: .serverECDSA, version: "TLSv1.3")
        try expectService(.secure("\(host):\(good.port)", tls: .fixture()))
        let other = try TLSFront(to: etcd.endpoint, server: .serverWrongName, version: "TLSv1.3")
        let error = try #require(throws: EtcdError.self) {
            try EtcdClient(.secure("\(host):\(other.port)", tls: .fixture())).get("key", deadline: .far)
        }
        #expect(error.code == .handshakeFailed)
        #expect(error.description.contains("it is for other.example, and not for ::1"), "\(error)")
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

    /// TLS files of the second authority, which the fixture's etcd refuses, and what puts the right ones in their place.
    private func filesToReplace() throws -> (TLSConfiguration, replace: () throws -> Void) {
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
        return (tls, { try install(.clientECDSA, ca: TLSFixture.ca) })
    }

    @Test func replacedFilesAreReadBeforeTheNextConnection() throws {
        let (tls, replace) = try filesToReplace()
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let client = try EtcdClient(.secure(etcd.endpoint, tls: tls))
        let error = try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }
        #expect(error.code == .handshakeFailed)

        try replace()
        // The first connection is made with what was read before; when it fails the files are read again.
        try client.put(PutRequest("key", "value"), deadline: .far)
        #expect(try client.text("key") == "value")
    }

    @Test func watchReadsReplacedFilesBeforeItGivesUp() throws {
        let (tls, replace) = try filesToReplace()
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let refused = try Watcher(.secure(etcd.endpoint, tls: tls))
        let watcher = try Watcher(.secure(etcd.endpoint, tls: tls))
        refused.add(WatchRequest(.single("key")))
        let id = watcher.add(WatchRequest(.single("key")))
        let error = try #require(throws: EtcdError.self) { try refused.next(deadline: .far) }
        #expect(error.code == .handshakeFailed)
        #expect(error.description.contains("etcd's certificate is not trusted"))

        try replace()
        try watcher.created(id)
        try EtcdClient(.secure(etcd.endpoint, tls: tls)).put(PutRequest("key", "value"), deadline: .far)
        #expect(try watcher.events(1, of: id).map(\.text) == ["value"])
    }

    @Test(arguments: [true, false]) func watchWaitsForTheEndpointThatMayComeBack(isFirst: Bool) throws {
        let other = try EtcdServer(security: .tls(server: .serverWrongName, clientAuthentication: false))
        let good = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        let proxy = try TCPProxy(to: good.clientPort, .close)
        let endpoints = isFirst ? [proxy.endpoint, other.endpoint] : [other.endpoint, proxy.endpoint]
        let watcher = try Watcher(.secure(endpoints[0], endpoints[1], tls: .fixture()))
        let id = watcher.add(WatchRequest(.single("key")))
        #expect(try watcher.next(deadline: .after(.seconds(1))) == nil)
        let interruption = try #require(watcher.interruption)
        #expect(interruption.attempts.count == 2)
        #expect(interruption.attempts.allSatisfy { $0.cause.contains("ertificate") == ($0.endpoint == other.endpoint) })

        proxy.cut(then: .forward)
        try watcher.created(id)
    }
}
