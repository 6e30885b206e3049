import EtcdClient
import EtcdLab
import KubernetesClient
import KubernetesLab
import TestSupport
import Testing

/// The way through a proxy.
@Suite(.timeLimit(.minutes(10))) struct TunnelTests {
    private func client(_ proxy: UInt16, host: String = "127.0.0.1", port: UInt16? = nil, _ user: String = "") throws
        -> APIClient
    {
        try APIClient(port: port, host: host, cluster: ["proxy-url": #""http://\#(user)127.0.0.1:\#(proxy)""#])
    }

    @Test func proxyConnectsToTheServer() throws {
        let proxy = try TunnelProxy()
        let client = try client(proxy.port, host: "localhost")
        #expect(try client.create("p").object != nil)
        #expect(try client.send(.get, "p").object != nil)
        #expect(Set(proxy.requestedTargets) == ["localhost:\(client.server.port)"])
    }

    @Test func namesAreTheProxysToLookUp() throws {
        let proxy = try TunnelProxy()
        // The proxy of the tests takes every name for loopback's; the client knows none for this one.
        let error = try client(proxy.port, host: "no.such.name.invalid").readFailure()
        #expect(error.code == .handshakeFailed)
        #expect(error.message.contains("is not for no.such.name.invalid"), "\(error)")
    }

    @Test func proxyIsGivenItsCredentials() throws {
        let proxy = try TunnelProxy(credentials: "us@er:hunter2:/")
        #expect(try client(proxy.port, "us%40er:hunter2%3A%2f@").send(.get, "p") == .missing)
        for wrong in ["us%40er:hunter3@", "us%40er@", ""] {
            let client = try client(proxy.port, wrong)
            let error = try client.writeFailure()
            #expect(error.code == .unreachable)
            #expect(
                error.message.contains("the proxy 127.0.0.1:\(proxy.port) does not connect to the API server"),
                "\(error)"
            )
            #expect(error.message.contains("HTTP/1.1 407 Proxy Authentication Required"), "\(error)")
            #expect(error.advice?.contains("clusters[].cluster.proxy-url") == true)
            #expect(!error.description.contains("hunter"))
        }
    }

    @Test func proxyMayForbid() throws {
        let proxy = try TunnelProxy(status: "403 Forbidden")
        let error = try client(proxy.port).readFailure()
        #expect(error.code == .unreachable)
        #expect(error.message.contains("HTTP/1.1 403 Forbidden"), "\(error)")
        #expect(proxy.requestedTargets.count == 1)
    }

    @Test func proxyThatDoesNotReachTheServerIsAskedAgain() throws {
        let refusing = try RefusingPort()
        let proxy = try TunnelProxy()
        let port = try #require(UInt16(refusing.endpoint.split(separator: ":")[1]))
        let error = try client(proxy.port, port: port).writeFailure(deadline: .after(.seconds(2)))
        #expect(error.code == .unreachable)
        #expect(error.message.contains("by the proxy 127.0.0.1:\(proxy.port)"), "\(error)")
        #expect(error.message.contains("502 Bad Gateway"), "\(error)")
        #expect(proxy.requestedTargets.count > 1)
    }

    @Test func unreachableProxyIsNamed() throws {
        let refusing = try RefusingPort()
        let port = try #require(UInt16(refusing.endpoint.split(separator: ":")[1]))
        let error = try client(port).readFailure(deadline: .after(.seconds(1)))
        #expect(error.code == .unreachable)
        #expect(error.message.contains("can't be connected by the proxy \(refusing.endpoint)"), "\(error)")
        #expect(error.message.contains("Connection refused"), "\(error)")
    }

    @Test func proxyThatSaysNothingMeetsTheDeadline() throws {
        let proxy = try TCPProxy(.silence)
        let error = try client(proxy.port).writeFailure(deadline: .after(.seconds(1)))
        #expect(error.code == .unreachable)
    }

    @Test func whatIsNoProxyIsNamed() throws {
        for answer in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", String(repeating: "a", count: 20_000)] {
            let proxy = try TCPProxy(.answer(answer))
            let error = try client(proxy.port).readFailure()
            #expect(error.code == .unreachable)
            #expect(error.message.contains("the proxy 127.0.0.1:\(proxy.port) does not connect"), "\(error)")
        }
    }
}
