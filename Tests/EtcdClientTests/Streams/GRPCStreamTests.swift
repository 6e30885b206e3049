import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

@Suite(.timeLimit(.minutes(15))) struct GRPCStreamTests {
    private let server: EtcdServer

    init() throws {
        server = try EtcdServer()
    }

    private static let watch = "/etcdserverpb.Watch/Watch"
    private static let snapshot = "/etcdserverpb.Maintenance/Snapshot"
    private static let createWatch = WatchCommand.create(WatchRequest(.prefix(""))).encoded()

    private static func client(_ endpoint: String, _ cancellation: Cancellation? = nil) throws -> EtcdClient {
        try EtcdClient(.hasty(endpoint), keepalive: nil, cancellation: cancellation)
    }

    private func open(_ client: EtcdClient, _ method: String = watch) -> GRPCStream {
        client.grpc.openStream(target: 0, method: method, metadata: CallMetadata(requiresLeader: true))
    }

    @Test func messagesGoBothWaysAndNoneIsLostToADeadline() throws {
        let client = try Self.client(server.endpoint)
        let stream = open(client)
        expect(stream.send(Self.createWatch))
        let created = try stream.message()
        #expect(created.isCreated)
        for number in 1...5 {
            // The receive that is under way when the deadline passes is the one that brings the message.
            try expect(stream.message(deadline: .after(.milliseconds(5))) == nil)
            let revision = try server.client().put(PutRequest("key", "\(number)"), deadline: .far).header?.revision
            let message = try stream.message()
            #expect(message.events.map(\.keyValue.value) == [Array("\(number)".utf8)])
            #expect(message.header?.revision == revision)
        }
    }

    @Test func lastMessageClosesTheSendingSideAndTheServersMessagesComeBeforeTheEnd() throws {
        let client = try Self.client(server.endpoint)
        let stream = open(client, Self.snapshot)
        expect(stream.send([], isLast: true))
        var messages = 0
        while true {
            switch stream.blockingNext(deadline: .far) {
            case .idle: Issue.record("nothing came")
            case .sent: continue
            case .message(let reply):
                #expect(reply.status == 0)
                messages += 1
                continue
            case .end(let reply): #expect(reply.status == 0)
            }
            break
        }
        #expect(messages >= 2)
        // The end stays.
        expect(stream.endStatus() == 0)
    }

    @Test func nextMessageWaitsUntilTheOneBeforeIsTaken() throws {
        let proxy = try TCPProxy(.silence)
        let client = try Self.client(proxy.endpoint)
        let stream = open(client)
        expect(stream.send(Self.createWatch))
        expect(!stream.send(Self.createWatch))
        try expect(stream.message(deadline: .after(.milliseconds(5))) == nil)
        expect(!stream.send(Self.createWatch))
    }

    @Test func brokenConnectionIsTheEnd() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let client = try Self.client(proxy.endpoint)
        let stream = open(client)
        expect(stream.send(Self.createWatch))
        try expect(stream.message().isCreated)
        proxy.cut(then: .close)
        expect(stream.endStatus() == GRPCStatus.unavailable.rawValue)
        // What is sent behind the end goes nowhere, and does no harm.
        _ = stream.send(Self.createWatch)
        expect(stream.endStatus() == GRPCStatus.unavailable.rawValue)
    }

    @Test func refusedConnectionIsTheEnd() throws {
        let port = try RefusingPort()
        let client = try Self.client(port.endpoint)
        expect(open(client).endStatus() == GRPCStatus.unavailable.rawValue)
    }

    @Test func malformedHeaderIsTheEnd() throws {
        let client = try Self.client(server.endpoint)
        let stream = client.grpc.openStream(
            target: 0,
            method: Self.watch,
            metadata: CallMetadata(requiresLeader: true, token: Secret("a\nb"))
        )
        expect(stream.send(Self.createWatch))
        expect(stream.endStatus() == 13)
    }

    @Test func cancellationFromAnotherThreadEndsAWaitAtOnce() throws {
        let cancellation = Cancellation()
        let client = try Self.client(server.endpoint, cancellation)
        let stream = open(client)
        expect(stream.send(Self.createWatch))
        try expect(stream.message().isCreated)
        let canceling = BackgroundCall { cancellation.cancel() }
        expect(stream.endStatus() == 1)
        _ = try canceling.value()
        // Once and for all.
        expect(open(client).endStatus() == 1)
        #expect(cancellation.isCanceled)
    }

    @Test func cancellationEndsAWaitForAConnection() throws {
        let proxy = try TCPProxy(.silence)
        let cancellation = Cancellation()
        var configuration = try EtcdConfiguration.hasty(proxy.endpoint)
        configuration.connectTimeout = .seconds(40)
        let client = try EtcdClient(configuration, keepalive: nil, cancellation: cancellation)
        let canceling = BackgroundCall { cancellation.cancel() }
        var attempts = CallAttempts(configuration)
        let begin = Deadline.now
        #expect(client.targetsToCall(.write, deadline: .far, attempts: &attempts).isEmpty)
        #expect(Deadline.now.duration(since: begin) < .seconds(20))
        _ = try canceling.value()
    }

    @Test func streamsThatGoInAnyStateComeBack() async throws {
        let proxy = try TCPProxy(.silence)
        await #expect(processExitsWith: .success) {
            [good = server.endpoint as String, silent = proxy.endpoint as String] in
            try #require(GRPCClient.liveObjectCount == 0)
            do {
                let cancellation = Cancellation()
                let client = try Self.client(good, cancellation)
                let silent = try Self.client(silent)
                try #require(GRPCClient.liveObjectCount == 3)
                func open(_ client: EtcdClient) -> GRPCStream {
                    client.grpc.openStream(target: 0, method: Self.watch, metadata: CallMetadata(requiresLeader: true))
                }
                // New, with a message on its way, with a receive under way.
                for client in [client, silent] {
                    _ = open(client)
                    _ = open(client).send(Self.createWatch)
                    do {
                        let stream = open(client)
                        _ = stream.send(Self.createWatch)
                        _ = stream.blockingNext(deadline: .after(.milliseconds(2)))
                    }
                }
                // With messages that nobody fetched.
                do {
                    let stream = open(client)
                    _ = stream.send(Self.createWatch)
                    try require(stream.message().isCreated)
                    for _ in 0..<5 {
                        try client.put(PutRequest("key", "value"), deadline: .far)
                    }
                    try require(stream.message().events.count == 1)
                }
                // When the client is gone.
                do {
                    var other: EtcdClient? = try Self.client(good)
                    let stream = open(try #require(other))
                    other = nil
                    _ = stream.send(Self.createWatch)
                    _ = stream.blockingNext(deadline: .after(.milliseconds(2)))
                }
                // Canceled, before and after the end.
                do {
                    let stream = open(client)
                    cancellation.cancel()
                    try require(stream.endStatus() == 1)
                    _ = open(client)
                }
                try #require(GRPCClient.liveObjectCount == 3)
            }
            try #require(GRPCClient.liveObjectCount == 0)
        }
        withExtendedLifetime(proxy) {}
    }

    @Test func thousandStreamsComeBack() async throws {
        await #expect(processExitsWith: .success) { [endpoint = server.endpoint as String] in
            do {
                let client = try Self.client(endpoint)
                for number in 0..<1000 {
                    let stream = client.grpc.openStream(
                        target: 0,
                        method: Self.watch,
                        metadata: CallMetadata(requiresLeader: true)
                    )
                    try require(stream.send(Self.createWatch))
                    if number.isMultiple(of: 2) {
                        try require(stream.message().isCreated)
                    }
                }
                try #require(GRPCClient.liveObjectCount == 1)
            }
            try #require(GRPCClient.liveObjectCount == 0)
        }
    }
}

extension GRPCStream {
    /// The next message of a Watch call; nil when none comes by the deadline.
    borrowing func message(deadline: Deadline) throws -> WatchMessage? {
        while true {
            switch blockingNext(deadline: deadline) {
            case .idle: return nil
            case .sent: continue
            case .message(let reply): return try reply.response()
            case .end(let reply): throw UnexpectedEnd(status: reply.status, details: reply.details)
            }
        }
    }

    /// The next message of a Watch call.
    borrowing func message() throws -> WatchMessage {
        try #require(try message(deadline: .far))
    }

    /// The status that the call ends with; nil when it does not end.
    borrowing func endStatus() -> Int32? {
        while true {
            switch blockingNext(deadline: .far) {
            case .idle: return nil
            case .sent: continue
            case .message: continue
            case .end(let reply): return reply.status
            }
        }
    }
}

/// A call that ended where a message was expected.
struct UnexpectedEnd: Error {
    let status: Int32
    let details: String
}

/// As `#expect`, which takes nothing that can't be copied.
private func expect(_ condition: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: sourceLocation)
}

/// As `#require`, which takes nothing that can't be copied.
private func require(_ condition: Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try #require(condition, sourceLocation: sourceLocation)
}
