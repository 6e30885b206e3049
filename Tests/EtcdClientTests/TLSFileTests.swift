import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

/// TLS files that can't be used: an error that names file and remedy, and no connection.
@Suite(.timeLimit(.minutes(15))) struct TLSFileTests {
    typealias Field = EtcdConfiguration.Field

    /// Files of tls-fixtures/ that don't do, with the field that is at fault and a part of the message.
    struct Case: CustomTestStringConvertible {
        var ca = "ca.crt"
        var certificate: String? = "client-ecdsa.crt"
        var key: String? = "client-ecdsa.key"
        let field: Field
        let parts: [String]

        var testDescription: String { "\(ca) \(certificate ?? "-") \(key ?? "-")" }

        var configuration: TLSConfiguration {
            TLSConfiguration(
                caFile: TLSFixture.path(ca),
                certificateFile: certificate.map(TLSFixture.path),
                keyFile: key.map(TLSFixture.path)
            )
        }
    }

    /// Files that are refused when a client is made.
    static let unreadable = [
        Case(key: nil, field: .keyFile, parts: ["client-ecdsa.crt is configured without its private key"]),
        Case(
            certificate: nil,
            field: .certificateFile,
            parts: ["client-ecdsa.key is configured without its certificate"]
        ),
        Case(
            ca: "none.crt",
            field: .caFile,
            parts: ["none.crt can't be read: No such file or directory", "Check the path"]
        ),
        Case(certificate: "none.crt", field: .certificateFile, parts: ["none.crt can't be read"]),
        Case(key: "none.key", field: .keyFile, parts: ["none.key can't be read"]),
        Case(ca: "", field: .caFile, parts: ["can't be read: Is a directory"]),
        Case(ca: "empty.pem", field: .caFile, parts: ["empty.pem holds no PEM certificate"]),
        Case(ca: "garbage.pem", field: .caFile, parts: ["garbage.pem holds no PEM certificate"]),
        Case(
            certificate: "client-ecdsa.key",
            field: .certificateFile,
            parts: ["holds a private key and no certificate"]
        ),
        Case(certificate: "empty.pem", field: .certificateFile, parts: ["empty.pem holds no PEM certificate"]),
        Case(key: "client-ecdsa.crt", field: .keyFile, parts: ["holds a certificate and no private key"]),
        Case(key: "garbage.pem", field: .keyFile, parts: ["garbage.pem holds no PEM private key"]),
        Case(key: "client-ecdsa.encrypted.key", field: .keyFile, parts: ["is encrypted", "openssl pkey"]),
        Case(key: "client-ecdsa.sec1-encrypted.key", field: .keyFile, parts: ["is encrypted", "openssl pkey"]),
    ]

    /// Files that look right from outside; they are refused at the first call.
    static let undecodable = [
        Case(ca: "damaged.crt", field: .caFile, parts: ["damaged.crt holds no certificate that can be decoded"]),
        Case(ca: "truncated.crt", field: .caFile, parts: ["truncated.crt holds no certificate that can be decoded"]),
        Case(
            certificate: "damaged.crt",
            field: .certificateFile,
            parts: ["damaged.crt holds a certificate that can't be"]
        ),
        Case(key: "damaged.key", field: .keyFile, parts: ["damaged.key holds a private key that can't be decoded"]),
        Case(key: "truncated.key", field: .keyFile, parts: ["truncated.key holds a private key that can't be decoded"]),
        Case(key: "client-rsa.key", field: .keyFile, parts: ["client-rsa.key is not the key of", "client-ecdsa.crt"]),
        Case(
            key: "client-nobody.key",
            field: .keyFile,
            parts: ["client-nobody.key is not the key of", "same request"]
        ),
    ]

    private func expect(_ error: EtcdError, _ row: Case) {
        #expect(error.code == .invalidConfiguration(row.field))
        for part in row.parts {
            #expect(error.description.contains(part), "\(error)")
        }
        #expect(error.advice != nil)
    }

    @Test(arguments: unreadable) func fileThatCanNotBeUsedIsNamed(row: Case) throws {
        let error = try #require(throws: EtcdError.self) {
            try EtcdClient(.secure("127.0.0.1:1", tls: row.configuration))
        }
        expect(error, row)
    }

    @Test(arguments: undecodable) func fileThatCanNotBeDecodedIsNamedBeforeAnyConnection(row: Case) throws {
        let proxy = try TCPProxy(.silence)
        let client = try EtcdClient(.secure(proxy.endpoint, tls: row.configuration))
        expect(try #require(throws: EtcdError.self) { try client.checkTLSFiles() }, row)
        expect(try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }, row)
        expect(try #require(throws: EtcdError.self) { try client.put(PutRequest("key", "a"), deadline: .far) }, row)
        let watcher = try Watcher(.secure(proxy.endpoint, tls: row.configuration))
        watcher.add(WatchRequest(.single("key")))
        expect(try #require(throws: EtcdError.self) { try watcher.next(deadline: .far) }, row)
        #expect(proxy.acceptedCount == 0)
    }

    @Test(
        arguments: [
            (TLSFixture.clientExpired, "was valid until"), (.clientECDSA, nil), (.clientRSA, nil), (nil, nil),
        ] as [(TLSFixture?, String?)]
    )
    func goodFilesPassAndDatesAreTold(client: TLSFixture?, dates: String?) throws {
        let files = TLSConfiguration(
            caFile: TLSFixture.ca,
            certificateFile: client?.certificate,
            keyFile: client?.key
        )
        let etcd = try EtcdClient(.secure("127.0.0.1:1", tls: files))
        try etcd.checkTLSFiles()
        #expect((etcd.clientCertificateDates == nil) == (dates == nil))
        #expect(dates.map { etcd.clientCertificateDates?.contains($0) == true } ?? true)
        let plain = try EtcdClient(connectionString: "127.0.0.1:1")
        try plain.checkTLSFiles()
        #expect(plain.clientCertificateDates == nil)
    }

    @Test func hostWithoutATrustStoreNeedsAFile() throws {
        #expect(TrustStore.file(among: ["/none", "/none/either"]) == nil)
        #expect(TrustStore.file(among: ["/none", TLSFixture.ca]) == TLSFixture.ca)
        let error = try #require(throws: EtcdError.self) { try TLSCredentials(TLSConfiguration(), trustStore: nil) }
        #expect(error.code == .invalidConfiguration(.caFile))
        #expect(error.description.contains("no list of certificate authorities"))
    }

    @Test func textBeforeTheFirstBlockIsLeftOut() {
        let pem = PEM(
            Array("engine:evil\nsubject=x\n-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n".utf8)
        )
        #expect(pem.text.hasPrefix("-----BEGIN CERTIFICATE-----"))
        #expect(pem.labels == ["CERTIFICATE"])
        #expect(PEM(Array("engine:evil PRIVATE KEY".utf8)).text == "")
    }
}
