import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

/// Several endpoints, some of them ill.
///
/// All proxies lead to one etcd, so that it does not matter which one serves.
@Suite(.timeLimit(.minutes(15))) struct FailoverTests {
    private let server: EtcdServer

    init() throws {
        server = try EtcdServer()
        try server.client().put(PutRequest("key", "value"), deadline: .far)
    }

    /// Ways in which an endpoint is ill.
    enum Illness: CaseIterable {
        case refuses, closes, isSilent, speaksHTTP1, doesNotResolve

        /// The ill endpoint, and what it lives as long as.
        func endpoint() throws -> (String, AnyObject?) {
            switch self {
            case .refuses:
                let port = try RefusingPort()
                return (port.endpoint, port)
            case .doesNotResolve:
                return ("no-such-host.invalid", nil)
            case .closes:
                return try Self.proxy(.close)
            case .isSilent:
                return try Self.proxy(.silence)
            case .speaksHTTP1:
                return try Self.proxy(.answer("HTTP/1.1 400 Bad Request\r\n\r\n"))
            }
        }

        private static func proxy(_ behavior: TCPProxy.Behavior) throws -> (String, AnyObject?) {
            let proxy = try TCPProxy(behavior)
            return (proxy.endpoint, proxy)
        }
    }

    @Test(arguments: Illness.allCases)
    func healthyEndpointServesBesideAnIllOne(illness: Illness) throws {
        let (ill, owner) = try illness.endpoint()
        defer { withExtendedLifetime(owner) {} }
        let begin = Deadline.now
        for endpoints in [[ill, server.endpoint], [server.endpoint, ill]] {
            var configuration = EtcdConfiguration(endpoints: try Endpoint.list(endpoints.joined(separator: " ")))
            configuration.endpointOrder = .asGiven
            // A race that waits for the ill one would be seen.
            configuration.connectTimeout = .seconds(30)
            let client = try EtcdClient(configuration)
            try client.put(PutRequest("written", "a"), deadline: .far)
            #expect(try client.text("key") == "value")
        }
        #expect(Deadline.now.duration(since: begin) < .seconds(20))
    }

    @Test func nameWithSeveralAddressesIsReachedAtTheOneThatServes() throws {
        // Where the hosts file gives localhost both families, the etcd listens to one of them.
        let client = try EtcdClient(.hasty("localhost:\(server.clientPort)"))
        #expect(try client.text("key") == "value")
        server.stop()
        let error = try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }
        #expect(error.code == .unreachable)
        #expect(error.attempts.map(\.endpoint) == ["localhost:\(server.clientPort)"])
    }

    @Test func allIllnessesTogetherDoNotHideTheHealthyEndpoint() throws {
        let ill = try Illness.allCases.map { try $0.endpoint() }
        defer { withExtendedLifetime(ill) {} }
        let list = (ill.map(\.0) + [server.endpoint]).joined(separator: ",")
        let client = try EtcdClient(connectionString: list)
        #expect(try client.text("key") == "value")
    }

    @Test func allIllnessesTogetherAreAllNamed() throws {
        let ill = try Illness.allCases.map { try $0.endpoint() }
        defer { withExtendedLifetime(ill) {} }
        var configuration = try EtcdConfiguration.hasty(ill.map(\.0).joined(separator: ","))
        configuration.connectTimeout = .seconds(2)
        let client = try EtcdClient(configuration)
        let error = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "b"), deadline: .far) }
        #expect(error.code == .unreachable)
        #expect(error.attempts.map(\.endpoint) == ill.map { try? Endpoint($0.0).description })
    }

    @Test func endpointThatServedStaysAndTheOtherTakesOverWhenItDies() throws {
        let first = try TCPProxy(to: server.clientPort, .forward)
        let second = try TCPProxy(to: server.clientPort, .forward)
        let client = try EtcdClient(.hasty(first.endpoint, second.endpoint))
        for _ in 0..<10 {
            #expect(try client.text("key") == "value")
        }
        #expect(client.current == 0)
        #expect(first.acceptedCount == 1)
        #expect(second.acceptedCount == 0)

        first.cut(then: .close)
        for _ in 0..<10 {
            #expect(try client.text("key") == "value")
        }
        #expect(client.current == 1)
        #expect(second.acceptedCount == 1)

        // That the first one is well again is no reason to go back.
        first.cut(then: .forward)
        for _ in 0..<10 {
            #expect(try client.text("key") == "value")
        }
        #expect(client.current == 1)

        second.cut(then: .close)
        #expect(try client.text("key") == "value")
        #expect(client.current == 0)
        #expect(second.acceptedCount >= 1)
    }

    @Test func killedServerIsReplacedByAnotherOne() throws {
        // Two servers, not one cluster: the values tell which one answers.
        let other = try EtcdServer()
        try other.client().put(PutRequest("key", "other"), deadline: .far)
        let client = try EtcdClient(.hasty(server.endpoint, other.endpoint))
        #expect(try client.text("key") == "value")
        server.stop()
        #expect(try client.text("key") == "other")
        try client.put(PutRequest("key", "written"), deadline: .far)
        #expect(try other.client().text("key") == "written")
    }

    @Test func readOnAFrozenServerGoesOnAtTheOther() throws {
        let other = try EtcdServer()
        try other.client().put(PutRequest("key", "other"), deadline: .far)
        var configuration = try EtcdConfiguration.hasty(server.endpoint, other.endpoint)
        configuration.requestTimeout = .milliseconds(300)
        configuration.retryTimeout = .seconds(30)
        configuration.stagger = .seconds(20)
        let client = try EtcdClient(configuration)
        #expect(try client.text("key") == "value")
        try server.freezeAndWait()
        defer { server.thaw() }
        #expect(try client.text("key") == "other")
    }

    @Test func lostAnswerOfAReadIsFetchedElsewhere() throws {
        let first = try TCPProxy(to: server.clientPort, .loseReply)
        let second = try TCPProxy(to: server.clientPort, .forward)
        let client = try EtcdClient(.hasty(first.endpoint, second.endpoint))
        #expect(try client.text("key") == "value")
        #expect(first.acceptedCount >= 1)
        #expect(second.acceptedCount == 1)
    }

    @Test func lostAnswerOfAWriteIsNotSoughtElsewhere() throws {
        let first = try TCPProxy(to: server.clientPort, .loseReply)
        let second = try TCPProxy(to: server.clientPort, .forward)
        let client = try EtcdClient(.hasty(first.endpoint, second.endpoint))
        let error = try #require(throws: EtcdError.self) { try client.put(PutRequest("key", "new"), deadline: .far) }
        #expect(error.code == .outcomeUnknown)
        #expect(second.acceptedCount == 0)
        let keyValue = try #require(try client.get("key", deadline: .far))
        #expect(keyValue.value == Array("new".utf8))
        #expect(keyValue.version == 2)
    }

    @Test func shuffledClientsSpreadOverTheEndpoints() throws {
        let proxies = try (0..<2).map { _ in try TCPProxy(to: server.clientPort, .forward) }
        // That all of 40 choose one end has the probability 2⁻³⁹.
        for _ in 0..<40 {
            let client = try EtcdClient(connectionString: proxies.map(\.endpoint).joined(separator: ","))
            #expect(try client.text("key") == "value")
            if proxies.allSatisfy({ $0.acceptedCount > 0 }) { break }
        }
        #expect(proxies.allSatisfy { $0.acceptedCount > 0 })
    }
}
