import EtcdClient
import EtcdLab
import TestSupport
import Testing

/// Endpoints at which no etcd answers.
@Suite(.timeLimit(.minutes(15))) struct ConnectionFailureTests {
    /// Calls a read and a write, which fail alike: what was not sent was not applied.
    private func failures(_ configuration: EtcdConfiguration, within limit: Duration = .seconds(40)) throws
        -> [EtcdError]
    {
        let begin = Deadline.now
        let errors = [
            try #require(throws: EtcdError.self) {
                try EtcdClient(configuration).get("a", deadline: .after(limit))
            },
            try #require(throws: EtcdError.self) {
                try EtcdClient(configuration).put(PutRequest("a", "b"), deadline: .after(limit))
            },
        ]
        #expect(Deadline.now.duration(since: begin) < .seconds(30))
        return errors
    }

    @Test func refusedConnectionIsGivenUpAndNamed() throws {
        let port = try RefusingPort()
        for error in try failures(.hasty(port.endpoint)) {
            #expect(error.code == .unreachable)
            #expect(error.attempts.map(\.endpoint) == [port.endpoint])
            #expect(error.description.contains("\(port.endpoint): "))
            #expect(error.description.contains("Connection refused"))
            #expect(error.advice == "Check the endpoints, and that etcd runs and can be reached from this host.")
        }
    }

    @Test func everyRefusingEndpointIsNamedInTheOrderGiven() throws {
        let ports = try (0..<4).map { _ in try RefusingPort() }
        for order in [EtcdConfiguration.EndpointOrder.asGiven, .shuffled] {
            var configuration = EtcdConfiguration(endpoints: try ports.map { try Endpoint($0.endpoint) })
            configuration.endpointOrder = order
            configuration.retryTimeout = .milliseconds(300)
            for error in try failures(configuration) {
                #expect(error.code == .unreachable)
                #expect(error.attempts.map(\.endpoint) == ports.map(\.endpoint))
                #expect(error.attempts.allSatisfy { $0.cause.contains("Connection refused") }, "\(error)")
            }
        }
    }

    @Test func refusedConnectionIsTriedForTheTimeGiven() throws {
        let port = try RefusingPort()
        var configuration = try EtcdConfiguration.hasty(port.endpoint)
        configuration.retryTimeout = .milliseconds(600)
        let begin = Deadline.now
        for error in try failures(configuration) {
            #expect(error.elapsed >= .milliseconds(600))
        }
        #expect(Deadline.now.duration(since: begin) >= .milliseconds(1200))
    }

    @Test func deadlineEndsTheTriesBeforeTheirTime() throws {
        let port = try RefusingPort()
        var configuration = try EtcdConfiguration.hasty(port.endpoint)
        configuration.retryTimeout = .seconds(3600)
        // The deadline nearly always falls into a pause; within an attempt it leaves the outcome of a write unknown.
        let rounds = try (0..<4).map { _ in try failures(configuration, within: .milliseconds(200)) }
        for errors in [rounds.map { $0[0] }, rounds.map { $0[1] }] {
            #expect(errors.contains { $0.code == .unreachable && $0.description.contains("Connection refused") })
        }
    }

    /// Listeners that are no etcd.
    enum Stranger: CaseIterable {
        case closes, isSilent, speaksHTTP1, speaksSomethingElse

        var behavior: TCPProxy.Behavior {
            switch self {
            case .closes: .close
            case .isSilent: .silence
            case .speaksHTTP1: .answer("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            case .speaksSomethingElse: .answer("220 mail.example ESMTP\r\n")
            }
        }
    }

    @Test(arguments: Stranger.allCases)
    func serverThatIsNoEtcdIsAnErrorAndNoHang(stranger: Stranger) throws {
        let proxy = try TCPProxy(stranger.behavior)
        for error in try failures(.hasty(proxy.endpoint)) {
            #expect(error.code == .unreachable)
            #expect(error.attempts.map(\.endpoint) == [proxy.endpoint])
        }
    }

    @Test func silentServerIsGivenUpByTheDeadline() throws {
        let proxy = try TCPProxy(.silence)
        var configuration = try EtcdConfiguration.hasty(proxy.endpoint)
        configuration.connectTimeout = .seconds(3600)
        configuration.retryTimeout = .seconds(3600)
        for error in try failures(configuration, within: .milliseconds(500)) {
            // Nothing was sent, so that the outcome of a write is known.
            #expect(error.code == .unreachable || error.code == .timedOut)
        }
    }

    @Test func nameThatDoesNotResolveIsAnErrorAndNoHang() throws {
        for error in try failures(.hasty("no-such-host.invalid:2379")) {
            #expect(error.code == .unreachable)
            #expect(error.attempts.map(\.endpoint) == ["no-such-host.invalid:2379"])
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .seconds(Int64.min)])
    func deadlineThatHasPassedFailsAtOnceAndSendsNothing(left: Duration) throws {
        let proxy = try TCPProxy(.silence)
        for error in try failures(.hasty(proxy.endpoint), within: left) {
            #expect(error.code == .timedOut)
        }
        #expect(proxy.acceptedCount == 0)
    }
}
