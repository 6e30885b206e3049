import EtcdLab
import Foundation
import TestSupport
import Testing

/// The plugin with an etcd that demands TLS, certificates or users.
@Suite(.timeLimit(.minutes(15))) struct SecureEtcdTests {
    /// The keys of `ipam` for TLS, as JSON without braces.
    private static func tls(_ client: TLSFixture? = nil, key: String? = nil, ca: String = TLSFixture.ca) -> String {
        var members = #""etcd_ca_cert_file": "\#(ca)""#
        if let client {
            members += #", "etcd_cert_file": "\#(client.certificate)", "etcd_key_file": "\#(key ?? client.key)""#
        }
        return members
    }

    private static let range = #""range": "10.20.0.0/24""#

    private func configuration(_ host: String, _ members: String) -> String {
        Plugin.configuration(etcd: host, "\(Self.range), \(members)")
    }

    /// Expects that a container gets an address, keeps it, and gives it back.
    private func expectService(_ configuration: String, environment: [String: String] = [:]) throws {
        let add = try Plugin.call("ADD", container: "c", environment: environment, configuration: configuration)
        #expect(add.addresses == ["10.20.0.1/24"], "\(add)")
        let previous = configuration.replacingOccurrences(
            of: #""ipam""#,
            with: #""prevResult": \#(add.output), "ipam""#
        )
        for (command, configuration) in [("CHECK", previous), ("DEL", configuration)] {
            let outcome = try Plugin.call(
                command,
                container: "c",
                environment: environment,
                configuration: configuration
            )
            #expect(outcome.status == 0, "\(command): \(outcome)")
        }
    }

    private func expectError(_ code: Int, _ configuration: String, _ parts: String...) throws {
        let outcome = try Plugin.call("ADD", container: "c", configuration: configuration)
        #expect(outcome.errorCode == code, "\(outcome)")
        for part in parts {
            #expect(outcome.errorText.contains(part), "\(outcome.errorText)")
        }
    }

    // MARK: - TLS

    @Test(arguments: [TLSFixture.serverECDSA, .serverRSA, .serverChain])
    func pluginIsServedByEveryGoodServer(server: TLSFixture) throws {
        let etcd = try EtcdServer(security: .tls(server: server, clientAuthentication: false))
        try expectService(configuration(etcd.endpoint, Self.tls()))
        try expectService(configuration(etcd.clientURL, Self.tls()))
        try expectService(configuration("localhost:\(etcd.clientPort)", Self.tls()))
        let hosts = #"["127.0.0.1:\#(etcd.clientPort)", "localhost:\#(etcd.clientPort)"]"#
        try expectService(Plugin.configuration(etcd: "", #"\#(Self.range), "etcd_host": \#(hosts), \#(Self.tls())"#))
    }

    @Test(arguments: [
        (TLSFixture.clientECDSA, "client-ecdsa.key"), (.clientECDSA, "client-ecdsa.sec1.key"),
        (.clientRSA, "client-rsa.key"), (.clientRSA, "client-rsa.pkcs1.key"),
    ])
    func pluginShowsItsCertificateWithEveryFormOfKey(client: TLSFixture, key: String) throws {
        for server in [TLSFixture.serverECDSA, .serverRSA] {
            let etcd = try EtcdServer(security: .tls(server: server, clientAuthentication: true))
            try expectService(configuration(etcd.endpoint, Self.tls(client, key: TLSFixture.path(key))))
        }
    }

    /// Kinds of key that the committed files do not have, in the words of `openssl req`.
    @Test(arguments: [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
        ["-newkey", "ed25519"], ["-newkey", "rsa:4096"], ["-newkey", "rsa:2048", "-sha512"],
    ])
    func everyKindOfKeyIsSpoken(kind: [String]) throws {
        let directory = try ScratchDirectory("tls-kind")
        let (certificate, key) = (directory.path("client.crt"), directory.path("client.key"))
        let outcome = try RunningProcess(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-subj", "/CN=whereabouts", "-days", "2", "-noenc", "-CA", TLSFixture.ca, "-CAkey",
                TLSFixture.path("ca.key"), "-addext", "extendedKeyUsage=clientAuth,serverAuth", "-addext",
                "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE", "-out", certificate,
                "-keyout",
                key,
            ] + kind
        ).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let pair = TLSFixture(certificate: certificate, key: key)
        let etcd = try EtcdServer(security: .tls(server: pair, clientAuthentication: true))
        let isOtherCurve = kind.contains { $0.hasSuffix("P-384") || $0.hasSuffix("P-521") }
        guard try !isOtherCurve || speaksTLS13(etcd) else {
            // Over TLS 1.2 gRPC takes no other curve than P-256.
            try expectError(102, configuration(etcd.endpoint, Self.tls(pair)), "can't be used with TLS 1.2", "P-256")
            return
        }
        try expectService(configuration(etcd.endpoint, Self.tls(pair)))
    }

    /// etcd before 3.5.8 does not.
    private func speaksTLS13(_ etcd: EtcdServer) throws -> Bool {
        let arguments = ["s_client", "-connect", etcd.endpoint, "-tls1_3", "-brief"]
        return try RunningProcess("/usr/bin/openssl", arguments).wait().errors.contains("TLSv1.3")
    }

    @Test func failuresSayWhichSideHasToChangeWhat() throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let host = etcd.endpoint
        try expectError(102, configuration(host, Self.tls()), "demands a client certificate")
        try expectError(102, configuration(host, Self.tls(.clientOtherCA)), "does not accept", "--trusted-ca-file")
        try expectError(
            102,
            configuration(host, Self.tls(.clientECDSA, ca: TLSFixture.otherCA)),
            "is not trusted",
            "signed by"
        )
        try expectError(102, Plugin.configuration(etcd: host, Self.range), "speaks TLS", "https://")
        try expectError(
            7,
            configuration(host, Self.tls(.clientECDSA, key: TLSFixture.path("client-rsa.key"))),
            "etcd_key_file",
            "is not the key of"
        )
        try expectError(
            7,
            configuration(host, Self.tls(.clientECDSA, key: TLSFixture.path("client-ecdsa.encrypted.key"))),
            "etcd_key_file",
            "is encrypted"
        )
        try expectError(
            7,
            configuration(host, Self.tls(ca: "/none.crt")),
            "etcd_ca_cert_file",
            "/none.crt can't be read"
        )
        try expectError(7, configuration("http://\(host)", Self.tls()), "etcd_host", "is an endpoint in clear text")
        let wrongName = try EtcdServer(security: .tls(server: .serverWrongName, clientAuthentication: false))
        try expectError(
            102,
            configuration(wrongName.endpoint, Self.tls()),
            "it is for other.example, and not for 127.0.0.1"
        )
        let expired = try EtcdServer(security: .tls(server: .serverExpired, clientAuthentication: false))
        try expectError(
            102,
            configuration(expired.endpoint, Self.tls()),
            "is not trusted",
            "certificate has expired",
            "the dates of the certificate"
        )
        let plain = try EtcdServer()
        try expectError(102, configuration(plain.endpoint, Self.tls()), "etcd does not speak TLS", "http://")
        try expectError(
            7,
            configuration(plain.endpoint, Self.tls(ca: TLSFixture.path("client-ecdsa.key"))),
            "etcd_ca_cert_file",
            "holds a private key and no certificate"
        )
        let refusing = try RefusingPort()
        try expectError(
            11,
            configuration(refusing.endpoint, Self.tls()),
            "etcd can't be reached",
            refusing.endpoint,
            "Connection refused",
            "Check the endpoints"
        )
    }

    @Test func endpointsWithTwoSchemesAreRefusedBeforeThePasswordIsSent() throws {
        let etcd = try EtcdServer()
        for hosts in ["\(etcd.clientURL),https://\(etcd.endpoint)", "\(etcd.endpoint) https://\(etcd.endpoint)"] {
            try expectError(7, configuration(hosts, Self.user("root")), "etcd_host", "the same scheme")
        }
        #expect(try etcd.startedCalls("Authenticate", of: "Auth") == 0)
    }

    @Test(arguments: ["etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem"])
    func hostsTrustStoreCountsWhereNoFileIsNamed(path: String) throws {
        guard Host.isRoot, ProcessInfo.processInfo.environment["WHEREABOUTS_PLUGIN"] != nil else { return }
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        let root = try ScratchDirectory("trust")
        let file = root.url.appendingPathComponent(path)
        for directory in [file.deletingLastPathComponent().path, root.path("proc")] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(atPath: TLSFixture.ca, toPath: file.path)
        try FileManager.default.copyItem(atPath: Plugin.path, toPath: root.path("program"))
        let outcome = try RunningProcess(
            "/usr/bin/unshare",
            ["--mount", "/bin/sh", "-c", #"mount -t proc proc "$0/proc" && exec chroot "$0" /program"#, root.url.path],
            environment: [
                "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c",
                "CNI_IFNAME": "eth0",
                "CNI_NETNS": "/none", "CNI_PATH": "/none",
            ],
            input: Data(Plugin.configuration(etcd: etcd.clientURL, Self.range).utf8)
        ).wait()
        #expect(outcome.addresses == ["10.20.0.1/24"], "\(outcome)")
    }

    // MARK: - Users

    private static let prefix = "/whereabouts/"

    private static func user(_ name: String, _ password: String = "hunter2", cache: String = "none") -> String {
        #""etcd_username": "\#(name)", "etcd_password": "\#(password)", "etcd_token_cache": "\#(cache)""#
    }

    @Test func usersAreServedAccordingToTheirRoles() throws {
        let etcd = try EtcdServer()
        try etcd.enableAuthentication(
            EtcdUser("whereabouts", password: "hunter2", access: .readWrite(prefix: Self.prefix)),
            EtcdUser("roleless", password: "hunter2", access: .none),
            EtcdUser("stranger", password: "hunter2", access: .readWrite(prefix: "/other/"))
        )
        let host = etcd.endpoint
        try expectService(configuration(host, Self.user("whereabouts")))
        try expectError(
            102,
            configuration(host, Self.user("roleless")),
            "the user roleless has no role",
            "grant-role",
            "below /whereabouts/"
        )
        try expectError(
            102,
            configuration(host, Self.user("stranger")),
            "no role of the user stranger",
            "grant-permission"
        )
        try expectError(102, configuration(host, Self.user("whereabouts", "wrong")), "authentication failed")
        try expectError(102, configuration(host, Self.user("nobody")), "authentication failed")
        try expectError(102, Plugin.configuration(etcd: host, Self.range), "demands authentication: configure a user")
    }

    @Test func secondProcessTakesTheFirstOnesToken() throws {
        let etcd = try EtcdServer()
        try etcd.enableAuthentication(
            EtcdUser("whereabouts", password: "hunter2", access: .readWrite(prefix: Self.prefix))
        )
        let directory = try ScratchDirectory("tokens")
        let configuration = configuration(etcd.endpoint, Self.user("whereabouts", cache: directory.path("cache")))
        let before = try etcd.startedCalls("Authenticate", of: "Auth")
        for _ in 0..<3 { try expectService(configuration) }
        #expect(try etcd.startedCalls("Authenticate", of: "Auth") == before + 1)
        // A change of the password, to the same one here, makes etcd forget the user's tokens.
        try etcd.etcdctl("user", "passwd", "--interactive=false", "whereabouts", input: "hunter2")
        let changed = try etcd.startedCalls("Authenticate", of: "Auth")
        try expectService(configuration)
        #expect(try etcd.startedCalls("Authenticate", of: "Auth") == changed + 1)
    }

    @Test func certificateIsTheUserWhereNoPasswordIsConfigured() throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        try etcd.enableAuthentication(
            EtcdUser("whereabouts", password: nil, access: .readWrite(prefix: Self.prefix)),
            EtcdUser("operator", password: "hunter2", access: .readWrite(prefix: Self.prefix))
        )
        let host = etcd.endpoint
        try expectService(configuration(host, Self.tls(.clientECDSA)))
        try expectError(102, configuration(host, Self.tls(.clientNobody)), "client certificate's common name")
        try expectService(configuration(host, "\(Self.tls(.clientNobody)), \(Self.user("operator"))"))
    }

    @Test func secretsOfTheFlatFileStayThere() throws {
        let etcd = try EtcdServer()
        try etcd.enableAuthentication(
            EtcdUser("whereabouts", password: "hunter2", access: .readWrite(prefix: Self.prefix))
        )
        let directory = try ScratchDirectory("flat")
        let (flat, log) = (directory.path("whereabouts.conf"), directory.path("log"))
        try
            "{\(Self.user("whereabouts", cache: directory.path("cache"))), \"log_file\": \"\(log)\", \"log_level\": \"debug\"}"
            .write(toFile: flat, atomically: true, encoding: .utf8)
        let configuration = configuration(etcd.endpoint, #""configuration_path": "\#(flat)""#)
        try expectService(configuration)
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("clear text"))
        let tokens = try FileManager.default.contentsOfDirectory(atPath: directory.path("cache")).compactMap {
            try? String(contentsOfFile: directory.path("cache/\($0)"), encoding: .utf8)
        }.filter { !$0.isEmpty }
        #expect(tokens.count == 1)
        for secret in tokens + ["hunter2"] {
            #expect(!text.contains(secret))
        }
    }

    @Test func commandsOfTheReadmeMakeAUserForThePlugin() throws {
        let block = try #require(Guide("README.md").blocks("sh", behind: "**Users.**").first)
        let commands = block.split(separator: "\n")
        #expect(commands.count >= 4)
        let etcd = try EtcdServer()
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            #expect(words.first == "etcdctl")
            let outcome = try RunningProcess(
                "/usr/bin/env",
                ["ETCDCTL_API=3", "etcdctl", "--endpoints", etcd.endpoint] + words.dropFirst()
            ).wait()
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
        try etcd.enableAuthentication()
        try expectService(configuration(etcd.endpoint, Self.user("whereabouts", "PASSWORD")))
    }

    @Test func nameThatTheHostCanNotResolvePointsToTheReadme() throws {
        let name = "example-etcd-cluster-client.default.svc.cluster.local:2379"
        try expectError(
            11,
            Plugin.configuration(etcd: name, Self.range),
            name,
            "can't be resolved",
            #""Host DNS" in the README"#
        )
        #expect(try Guide("README.md").text.contains("\n### Host DNS\n"))
    }
}
