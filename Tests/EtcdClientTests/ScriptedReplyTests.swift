import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

/// Answers that no etcd gives on demand, of a server that gives any.
@Suite(.timeLimit(.minutes(15))) struct ScriptedReplyTests {
    private func client(_ answer: ScriptedGRPCServer.Answer) throws -> (ScriptedGRPCServer, EtcdClient) {
        let server = try ScriptedGRPCServer(answer)
        var configuration = try EtcdConfiguration.hasty(server.endpoint)
        configuration.retryTimeout = .milliseconds(30)
        return (server, try EtcdClient(configuration))
    }

    /// All but the one that is looked into before it is passed on.
    static let errors = EtcdServerError.allCases.filter { $0 != .permissionDenied }

    @Test(arguments: errors)
    func everyErrorOfTheServerIsKnownByItsText(expected: EtcdServerError) throws {
        // The number of the status does not matter; etcd 3.4 and 3.5 differ in some.
        let (server, client) = try client(.init(status: 14, "etcdserver: " + expected.rawValue))
        let read = try #require(throws: EtcdError.self) { try client.get("a", deadline: .far) }
        #expect(read.code == .server(expected))
        #expect(read.advice == expected.advice)
        #expect(read.attempts == [EtcdError.Attempt(endpoint: server.endpoint, cause: expected.rawValue)])
        let write = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "b"), deadline: .far) }
        #expect(write.code == (expected.leavesOutcomeUnknown ? .outcomeUnknown : .server(expected)))
        #expect(write.description.contains(expected.rawValue))
    }

    @Test func deniedPermissionOfAClientWithoutAUserIsOneThatIsMissing() throws {
        let (server, client) = try client(.init(status: 7, "etcdserver: permission denied"))
        let error = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "b"), deadline: .far) }
        #expect(error.code == .missingPermission)
        #expect(error.attempts == [EtcdError.Attempt(endpoint: server.endpoint, cause: "permission denied")])
    }

    @Test(arguments: [
        (1, "context canceled"), (2, "etcdserver: a text of a later version"), (13, "stream terminated"), (3, ""),
    ])
    func unknownTextIsKnownByItsNumber(status: Int, text: String) throws {
        let (server, client) = try client(.init(status: status, text))
        let read = try #require(throws: EtcdError.self) { try client.get("a", deadline: .far) }
        #expect(read.code == .rpc(status: Int32(status)))
        #expect(read.message.contains(text))
        #expect(read.attempts.map(\.endpoint) == [server.endpoint])
        #expect(read.advice != nil)
        let write = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "b"), deadline: .far) }
        #expect(write.code == .outcomeUnknown)
    }

    @Test func serverThatDoesNotKnowTheMethodDidNotWrite() throws {
        let (server, client) = try client(.init(status: 12, "unknown service etcdserverpb.KV"))
        let error = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "b"), deadline: .far) }
        #expect(error.code == .rpc(status: 12))
        #expect(error.description.contains(server.endpoint))
    }

    @Test func transactionThatOnlyReadsIsRepeatedLikeARead() throws {
        let (server, client) = try client(.init(status: 14, "etcdserver: leader changed"))
        let read = Txn(then: [.range(RangeRequest(.single("a")))])
        let error = try #require(throws: EtcdError.self) { try client.commit(read, deadline: .far) }
        #expect(error.code == .server(.leaderChanged))
        #expect(error.description.contains(server.endpoint))
    }

    @Test(arguments: [nil, [], [0xff], Array("<html>".utf8), ProtobufBytes.field(7, [1, 2, 3])] as [[UInt8]?])
    func successThatCarriesNoAnswerOfEtcdIsAnError(payload: [UInt8]?) throws {
        let (server, client) = try client(.init(payload: payload))
        let read = try #require(throws: EtcdError.self) { try client.get("a", deadline: .far) }
        #expect(read.code == .malformedReply)
        #expect(read.description.contains(server.endpoint))
        #expect(read.advice != nil)
        let write = try #require(throws: EtcdError.self) { try client.put(PutRequest("a", "b"), deadline: .far) }
        #expect(write.code == .outcomeUnknown)
    }

    @Test func wellFormedAnswerIsRead() throws {
        let keyValue = ProtobufBytes.field(1, Array("a".utf8)) + ProtobufBytes.field(5, Array("b".utf8))
        let payload = ProtobufBytes.header + ProtobufBytes.field(2, keyValue) + ProtobufBytes.field(4, 1)
        let (server, client) = try client(.init(payload: payload))
        #expect(try client.text("a") == "b")
        withExtendedLifetime(server) {}
    }
}
