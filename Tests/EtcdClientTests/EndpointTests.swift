import Testing

@testable import EtcdClient

@Suite struct EndpointTests {
    @Test(arguments: [
        ("etcd.example", "etcd.example", 2379, "etcd.example:2379"),
        ("etcd.example:4001", "etcd.example", 4001, "etcd.example:4001"),
        ("10.0.0.5", "10.0.0.5", 2379, "10.0.0.5:2379"),
        ("10.0.0.5:1", "10.0.0.5", 1, "10.0.0.5:1"),
        ("10.0.0.5:65535", "10.0.0.5", 65535, "10.0.0.5:65535"),
        ("http://10.0.0.5:2379", "10.0.0.5", 2379, "http://10.0.0.5:2379"),
        (
            "HTTP://my_etcd-0.kube-system.svc", "my_etcd-0.kube-system.svc", 2379,
            "http://my_etcd-0.kube-system.svc:2379"
        ),
        ("http://10.0.0.5:2380/", "10.0.0.5", 2380, "http://10.0.0.5:2380"),
        ("https://etcd.example", "etcd.example", 2379, "https://etcd.example:2379"),
        ("Https://[fd00::5]/", "fd00::5", 2379, "https://[fd00::5]:2379"),
        ("10.0.0.5/", "10.0.0.5", 2379, "10.0.0.5:2379"),
        ("[fd00::5]", "fd00::5", 2379, "[fd00::5]:2379"),
        ("[fd00::5]:4001", "fd00::5", 4001, "[fd00::5]:4001"),
        ("http://[::1]:4001/", "::1", 4001, "http://[::1]:4001"),
    ])
    func endpointIsRead(text: String, host: String, port: UInt16, description: String) throws {
        let endpoint = try Endpoint(text)
        let scheme =
            description.contains("//") ? Endpoint.Scheme(rawValue: String(description.prefix { $0 != ":" })) : nil
        #expect(endpoint == Endpoint(scheme: scheme, host: host, port: port))
        #expect(endpoint.description == description)
        #expect(try Endpoint(description) == endpoint)
    }

    @Test(arguments: [
        ("", "the host is missing"),
        (":2379", "the host is missing"),
        ("http://", "the host is missing"),
        ("http:///", "the host is missing"),
        ("ftp://10.0.0.5", "the scheme must be http or https"),
        ("unix:///run/etcd.sock", "the scheme must be http or https"),
        ("://10.0.0.5", "the scheme must be http"),
        ("http://http://10.0.0.5", "it has a path"),
        ("10.0.0.5:", "the port must be a number"),
        ("10.0.0.5:0", "the port must be a number"),
        ("10.0.0.5:-1", "the port must be a number"),
        ("10.0.0.5:+1", "the port must be a number"),
        ("10.0.0.5:65536", "the port must be a number"),
        ("10.0.0.5:99999", "the port must be a number"),
        ("10.0.0.5:23x", "the port must be a number"),
        ("10.0.0.5: 2379", "the port must be a number"),
        ("10.0.0.5:2379/v3", "it has a path"),
        ("[fd00::5]:0", "the port must be a number"),
        ("[fd00::5]:", "the port must be a number"),
        ("fd00::5", "belongs in brackets"),
        ("fd00::5:2379", "belongs in brackets"),
        ("[fd00::5", "is not closed"),
        ("[fd00::5]2379", "a colon and the port must follow"),
        ("[]", "must hold an IPv6 address"),
        ("[10.0.0.5]:2379", "must hold an IPv6 address"),
        ("[etcd]:2379", "must hold an IPv6 address"),
        ("[fe80::1%eth0]:2379", "must hold an IPv6 address"),
        ("etcd example", "the host has a character"),
        ("etcd/v3", "it has a path"),
        ("étcd", "the host has a character"),
        ("etcd\0", "the host has a character"),
    ])
    func badEndpointIsRefusedByItsName(text: String, reasons: String) throws {
        let error = try #require(throws: EtcdError.self) { try Endpoint(text) }
        #expect(error.code == .invalidConfiguration(.endpoints))
        #expect(error.message.hasPrefix("\"\(text)\" is not an etcd endpoint: "))
        #expect(reasons.split(separator: "|").contains { error.message.contains($0) }, "\(error.message)")
        #expect(error.advice != nil)
    }

    @Test(arguments: [
        ("a", ["a:2379"]),
        ("a:1,b:2,c:3", ["a:1", "b:2", "c:3"]),
        ("a:1 b:2\tc:3\n", ["a:1", "b:2", "c:3"]),
        (" ,a:1 ,, b:2, ", ["a:1", "b:2"]),
        ("http://b:1/,[::1]:4001,http://a", ["http://b:1", "[::1]:4001", "http://a:2379"]),
        ("a:1,b:2,a:1,b:2/", ["a:1", "b:2"]),
        (#"["a:1", "https://b", "[::1]:4001"]"#, ["a:1", "https://b:2379", "[::1]:4001"]),
        (" [\n\"a\"\n] ", ["a:2379"]),
    ])
    func listIsReadInItsOrderWithoutDuplicates(text: String, endpoints: [String]) throws {
        #expect(try Endpoint.list(text).map(\.description) == endpoints)
    }

    @Test(arguments: [#"["a:1""#, #"["a:1", 2]"#, #"["a:1"] b"#])
    func brokenArrayIsRefused(text: String) throws {
        let error = try #require(throws: EtcdError.self) { try Endpoint.list(text) }
        #expect(error.code == .invalidConfiguration(.endpoints))
        #expect(error.message.contains("JSON array"))
    }

    @Test func endpointWithAPasswordIsRefusedWithoutShowingIt() throws {
        let error = try #require(throws: EtcdError.self) { try Endpoint("http://root:hunter2@etcd:2379") }
        #expect(error.description.contains("user and password are configured apart"))
        #expect(!error.description.contains("hunter2"))
    }

    @Test(arguments: ["", " ", ",", " , ,\n", "[]", " [ ] "])
    func listThatNamesNoEndpointIsRefused(text: String) throws {
        let error = try #require(throws: EtcdError.self) { try Endpoint.list(text) }
        #expect(error.code == .invalidConfiguration(.endpoints))
        #expect(error.message == "no etcd endpoint is named")
    }

    @Test(arguments: ["a:1,b:0", "b:0 a:1", "a:1,ftp://b", "a:1;b:2"])
    func oneBadEndpointSpoilsTheListAndIsNamed(text: String) throws {
        let error = try #require(throws: EtcdError.self) { try EtcdClient(connectionString: text) }
        #expect(error.code == .invalidConfiguration(.endpoints))
        #expect(error.message.contains("b"))
        #expect(!error.message.contains("\"a:1\""))
    }

    @Test(arguments: ["http://a,https://a", "a,https://a", "https://A,a", "[::1],https://[0::1]"])
    func samePlaceWithTwoSchemesIsRefused(text: String) throws {
        let error = try #require(throws: EtcdError.self) { try EtcdClient(connectionString: text) }
        #expect(error.code == .invalidConfiguration(.endpoints))
        #expect(error.message.contains("is spoken to over TLS and"))
    }

    @Test func clientWithoutEndpointsIsRefused() throws {
        let error = try #require(throws: EtcdError.self) { try EtcdClient(EtcdConfiguration(endpoints: [])) }
        #expect(error.code == .invalidConfiguration(.endpoints))
    }

    @Test(arguments: [
        ("a,b", TLSConfiguration(), false),
        ("http://a,b", TLSConfiguration(), false),
        ("https://a,https://b", TLSConfiguration(), true),
        ("a,b", TLSConfiguration(caFile: "/ca"), true),
        ("https://a,b", TLSConfiguration(caFile: "/ca"), true),
        ("a", TLSConfiguration(certificateFile: "/c", keyFile: "/k"), true),
    ])
    func schemeOrFilesDecideAboutTLS(text: String, tls: TLSConfiguration, isUsed: Bool) throws {
        #expect(try Endpoint.list(text).useTLS(tls) == isUsed)
    }

    @Test(arguments: [
        ("https://a,b", TLSConfiguration(), ["https://a:2379 is spoken to over TLS and b:2379 in clear text"]),
        ("http://a,https://b", TLSConfiguration(), ["https://b:2379 is spoken", "http://a:2379 in clear text"]),
        (
            "http://a", TLSConfiguration(caFile: "/ca"),
            ["http://a:2379 is an endpoint in clear text", "Write it with https"]
        ),
        ("b,http://a", TLSConfiguration(keyFile: "/k"), ["http://a:2379 is an endpoint in clear text"]),
    ])
    func mixedSchemesAreRefused(text: String, tls: TLSConfiguration, parts: [String]) throws {
        var configuration = EtcdConfiguration(endpoints: try Endpoint.list(text))
        configuration.tls = tls
        let error = try #require(throws: EtcdError.self) { try EtcdClient(configuration) }
        #expect(error.code == .invalidConfiguration(.endpoints))
        for part in parts {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test(arguments: [
        ("a:1,A:1,http://a:1", ["a:1"]),
        ("[::1]:1,[0:0::1]:1,127.0.0.1:1", ["[::1]:1", "127.0.0.1:1"]),
    ])
    func differentSpellingsOfAPlaceAreFolded(text: String, endpoints: [String]) throws {
        #expect(try Endpoint.list(text).distinct.map(\.description) == endpoints)
    }
}
