import EtcdClient
import EtcdLab
import TestSupport
import Testing

/// A real etcd that goes away, in the middle of a call too.
@Suite(.timeLimit(.minutes(15))) struct BrokenCallTests {
    private let server: EtcdServer

    init() throws {
        server = try EtcdServer()
    }

    private func client(_ proxy: TCPProxy) throws -> EtcdClient {
        try EtcdClient(connectionString: proxy.endpoint)
    }

    @Test func frozenServerMakesAReadTimeOutAndLeavesTheOutcomeOfAWriteUnknown() throws {
        let client = try server.client()
        let reader = try server.client()
        try client.put(PutRequest("frozen", "before"), deadline: .far)
        #expect(try reader.text("frozen") == "before")
        try server.freezeAndWait()
        let begin = Deadline.now
        let read = try #require(throws: EtcdError.self) {
            try reader.get("frozen", deadline: .after(.milliseconds(400)))
        }
        #expect(read.code == .timedOut)
        #expect(read.attempts.map(\.endpoint) == [server.endpoint])
        let write = try #require(throws: EtcdError.self) {
            try client.put(PutRequest("frozen", "after"), deadline: .after(.milliseconds(400)))
        }
        #expect(write.code == .outcomeUnknown)
        #expect(write.attempts.map(\.endpoint) == [server.endpoint])
        #expect(write.advice?.contains("before it is repeated") == true)
        // The connection that said nothing is given up, and on a new one there is no doubt: nothing is sent.
        let later = try #require(throws: EtcdError.self) {
            try client.put(PutRequest("frozen", "never"), deadline: .after(.milliseconds(400)))
        }
        #expect(later.code == .unreachable)
        #expect(Deadline.now.duration(since: begin) < .seconds(20))
        server.thaw()
        for client in [client, reader] {
            let value = try client.text("frozen")
            #expect(value == "before" || value == "after")
        }
    }

    @Test func requestTimeoutEndsAnAttemptAndAReadIsRepeated() throws {
        var configuration = try EtcdConfiguration.hasty(server.endpoint)
        configuration.requestTimeout = .milliseconds(100)
        configuration.retryTimeout = .seconds(30)
        let client = try EtcdClient(configuration)
        try client.put(PutRequest("thawed", "a"), deadline: .far)
        try server.freezeAndWait()
        let thaw = BackgroundCall { [process = server.processIdentifier] in
            try RunningProcess.run("/bin/sh", "-c", "sleep 0.5; kill -CONT \(process)")
        }
        #expect(try client.text("thawed") == "a")
        _ = try thaw.value()
    }

    @Test func serverThatWasRestartedServesOn() throws {
        let client = try server.client()
        try client.put(PutRequest("restarted", "a"), deadline: .far)
        for _ in 0..<2 {
            server.stop()
            try server.start()
            #expect(try client.text("restarted") == "a")
        }
        try client.put(PutRequest("restarted", "b"), deadline: .far)
        #expect(try client.text("restarted") == "b")
    }

    @Test func callsThatBeginWhileTheServerIsDownGoOnWhenItIsBack() throws {
        try server.client().put(PutRequest("down", "a"), deadline: .far)
        server.stop()
        let endpoint = server.endpoint
        let read = BackgroundCall {
            var configuration = try EtcdConfiguration.hasty(endpoint)
            configuration.retryTimeout = .seconds(30)
            return try EtcdClient(configuration).text("down")
        }
        let write = BackgroundCall {
            var configuration = try EtcdConfiguration.hasty(endpoint)
            configuration.retryTimeout = .seconds(30)
            try EtcdClient(configuration).put(PutRequest("down-written", "b"), deadline: .far)
        }
        try server.start()
        #expect(try read.value() == "a")
        try write.value()
        // A write that no connection took was repeated until one did, and then done once.
        #expect(try server.client().get("down-written", deadline: .far)?.version == 1)
    }

    @Test func serverThatStaysDownIsGivenUp() throws {
        var configuration = try EtcdConfiguration.hasty(server.endpoint)
        configuration.retryTimeout = .milliseconds(300)
        let client = try EtcdClient(configuration)
        try client.put(PutRequest("a", "b"), deadline: .far)
        server.stop()
        let read = try #require(throws: EtcdError.self) { try client.get("a", deadline: .far) }
        #expect(read.code == .unreachable)
        #expect(read.description.contains("Connection refused"))
        let write = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "c"), deadline: .far) }
        #expect(write.code == .unreachable)
    }

    @Test func connectionsThatCloseBeforeTheRequestAreRepeated() throws {
        let proxy = try TCPProxy(to: server.clientPort, .close, .close, .forward)
        try client(proxy).put(PutRequest("closed", "a"), deadline: .far)
        #expect(proxy.acceptedCount == 3)
        #expect(try server.client().get("closed", deadline: .far)?.version == 1)
    }

    @Test func readWhoseAnswerIsLostIsRepeated() throws {
        try server.client().put(PutRequest("lost-read", "a"), deadline: .far)
        let proxy = try TCPProxy(to: server.clientPort, .loseReply, .loseRequest, .forward)
        #expect(try client(proxy).text("lost-read") == "a")
        #expect(proxy.acceptedCount == 3)
    }

    /// Calls that write.
    enum Write: CaseIterable {
        case put, txn, deleteRange

        func call(_ client: EtcdClient) throws(EtcdError) {
            switch self {
            case .put: try client.put(PutRequest("key", "after"), deadline: .far)
            case .txn: _ = try client.commit(Txn(then: [.put(PutRequest("key", "after"))]), deadline: .far)
            case .deleteRange: try client.deleteRange(DeleteRangeRequest(.single("key")), deadline: .far)
            }
        }
    }

    @Test(arguments: Write.allCases)
    func outcomeOfAWriteWhoseAnswerIsLostIsUnknownAndItIsDoneOnce(write: Write) throws {
        let direct = try server.client()
        try direct.put(PutRequest("key", "before"), deadline: .far)
        let proxy = try TCPProxy(to: server.clientPort, .loseReply, .forward)
        let client = try client(proxy)
        let error = try #require(throws: EtcdError.self) { try write.call(client) }
        #expect(error.code == .outcomeUnknown)
        #expect(error.attempts.map(\.endpoint) == [proxy.endpoint])
        // It was sent once, and it was done.
        #expect(proxy.acceptedCount == 1)
        let keyValue = try direct.get("key", deadline: .far)
        #expect(keyValue?.value == (write == .deleteRange ? nil : Array("after".utf8)))
        #expect(keyValue?.version == (write == .deleteRange ? nil : 2))
        // The client connects anew, and sees what came of it.
        #expect(try client.get("key", deadline: .far) == keyValue)
    }

    @Test(arguments: Write.allCases)
    func outcomeOfAWriteThatIsLostOnItsWayIsUnknownToo(write: Write) throws {
        let direct = try server.client()
        try direct.put(PutRequest("key", "before"), deadline: .far)
        let proxy = try TCPProxy(to: server.clientPort, .loseRequest, .forward)
        let error = try #require(throws: EtcdError.self) { try write.call(client(proxy)) }
        #expect(error.code == .outcomeUnknown)
        #expect(proxy.acceptedCount == 1)
        #expect(try direct.get("key", deadline: .far)?.version == 1)
    }

    @Test func transactionThatOnlyReadsIsRepeatedWhenItsAnswerIsLost() throws {
        let proxy = try TCPProxy(to: server.clientPort, .loseReply, .forward)
        let txn = Txn(if: [.isAbsent("read-only")], then: [.range(RangeRequest(.single("read-only")))])
        #expect(try client(proxy).commit(txn, deadline: .far).succeeded)
        #expect(proxy.acceptedCount == 2)
    }

    @Test func connectionCutBetweenTwoCallsIsMadeAnew() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let client = try client(proxy)
        try client.put(PutRequest("cut", "a"), deadline: .far)
        for count in 2...4 {
            proxy.cut(then: .forward)
            #expect(try client.text("cut") == "a")
            #expect(proxy.acceptedCount == count)
        }
    }
}
