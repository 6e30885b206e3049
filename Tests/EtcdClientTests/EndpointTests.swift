import EtcdClient
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("etcd.example", "etcd.example", 2379, "etcd.example:2379"),
        ("etcd.example:4001", "etcd.example", 4001, "etcd.example:4001"),
        ("10.0.0.5", "10.0.0.5", 2379, "10.0.0.5:2379"),
        ("10.0.0.5:1", "10.0.0.5", 1, "10.0.0.5:1"),
        ("10.0.0.5:65535", "10.0.0.5", 65535, "10.0.0.5:65535"),
        ("http://10.0.0.5:2379", "10.0.0.5", 2379, "10.0.0.5:2379"),
        ("HTTP://my_etcd-0.kube-system.svc", "my_etcd-0.kube-system.svc", 2379, "my_etcd-0.kube-system.svc:2379"),
        ("http://10.0.0.5:2380/", "10.0.0.5", 2380, "10.0.0.5:2380"),
        ("10.0.0.5/", "10.0.0.5", 2379, "10.0.0.5:2379"),
        ("[fd00::5]", "fd00::5", 2379, "[fd00::5]:2379"),
        ("[fd00::5]:4001", "fd00::5", 4001, "[fd00::5]:4001"),
        ("http://[::1]:4001/", "::1", 4001, "[::1]:4001"),
    ])
    func endpointIsRead(text: String, host: String, port: UInt16, description: String) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint.description == description)
        #expect(try Endpoint(description) == endpoint)
    }

    @Test(arguments: [
        ("", "the host is missing"),
        (":2379", "the host is missing"),
        ("http://", "the host is missing"),
        ("http:///", "the host is missing"),
        ("https://10.0.0.5:2379", "the scheme must be http"),
        ("ftp://10.0.0.5", "the scheme must be http"),
        ("://10.0.0.5", "the scheme must be http"),
        ("http://http://10.0.0.5", "the host has a character|the port must be a number|an IPv6 address"),
        ("10.0.0.5:", "the port must be a number"),
        ("10.0.0.5:0", "the port must be a number"),
        ("10.0.0.5:-1", "the port must be a number"),
        ("10.0.0.5:+1", "the port must be a number"),
        ("10.0.0.5:65536", "the port must be a number"),
        ("10.0.0.5:99999", "the port must be a number"),
        ("10.0.0.5:23x", "the port must be a number"),
        ("10.0.0.5: 2379", "the port must be a number"),
        ("10.0.0.5:2379/v3", "the port must be a number"),
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
        ("user@etcd", "the host has a character"),
        ("etcd/v3", "the host has a character"),
        ("étcd", "the host has a character"),
        ("etcd\0", "the host has a character"),
    ])
    func badEndpointIsRefusedByItsName(text: String, reasons: String) throws {
        let error = try #require(throws: EtcdError.self) { try Endpoint(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.hasPrefix("\"\(text)\" is not an etcd endpoint: "))
        #expect(reasons.split(separator: "|").contains { error.message.contains($0) }, "\(error.message)")
        #expect(error.advice != nil)
    }

    @Test(arguments: [
        ("a", ["a:2379"]),
        ("a:1,b:2,c:3", ["a:1", "b:2", "c:3"]),
        ("a:1 b:2\tc:3\n", ["a:1", "b:2", "c:3"]),
        (" ,a:1 ,, b:2, ", ["a:1", "b:2"]),
        ("http://b:1/,[::1]:4001,http://a", ["b:1", "[::1]:4001", "a:2379"]),
        ("a:1,b:2,a:1,http://b:2/", ["a:1", "b:2"]),
        ("a,a:2379,http://a", ["a:2379"]),
    ])
    func listIsReadInItsOrderWithoutDuplicates(text: String, endpoints: [String]) throws {
        #expect(try Endpoint.list(text).map(\.description) == endpoints)
    }

    @Test(arguments: ["", " ", ",", " , ,\n"])
    func listThatNamesNoEndpointIsRefused(text: String) throws {
        let error = try #require(throws: EtcdError.self) { try Endpoint.list(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message == "no etcd endpoint is named")
    }

    @Test(arguments: ["a:1,b:0", "b:0 a:1", "a:1,https://b", "a:1;b:2"])
    func oneBadEndpointSpoilsTheListAndIsNamed(text: String) throws {
        let error = try #require(throws: EtcdError.self) { try EtcdClient(connectionString: text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("b"))
        #expect(!error.message.contains("\"a:1\""))
    }

    @Test func clientWithoutEndpointsIsRefused() throws {
        let error = try #require(throws: EtcdError.self) { try EtcdClient(EtcdConfiguration(endpoints: [])) }
        #expect(error.code == .invalidConfiguration)
    }
}
