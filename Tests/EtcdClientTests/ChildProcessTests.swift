import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

/// What concerns a whole process is looked at in one of its own, where no other suite runs.
@Suite(.timeLimit(.minutes(15))) struct ChildProcessTests {
    @Test func everythingOfTheBridgeComesBack() async throws {
        let server = try EtcdServer()
        let refusing = try RefusingPort()
        let closing = try TCPProxy(to: server.clientPort, .forward, .close)
        await #expect(processExitsWith: .success) {
            [
                good = server.endpoint as String, bad = refusing.endpoint as String, ill = closing.endpoint as String,
            ] in
            try #require(GRPCClient.liveObjectCount == 0)
            do {
                let clients = try [EtcdClient(.hasty(bad, good)), EtcdClient(.hasty(ill)), EtcdClient(.hasty(bad))]
                try #require(GRPCClient.liveObjectCount == 3)
                for index in 0..<20 {
                    try clients[0].put(PutRequest("leak", "\(index)"), deadline: .far)
                    _ = try clients[0].get("leak", deadline: .far)
                    _ = try clients[1].get("leak", deadline: .far)
                    _ = try? clients[0].get("", deadline: .far)
                }
                _ = try? clients[2].get("leak", deadline: .far)
                try #require(GRPCClient.liveObjectCount == 3)
            }
            try #require(GRPCClient.liveObjectCount == 0)
        }
        withExtendedLifetime((server, refusing, closing)) {}
    }

    @Test func unusedClientComesBack() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<50 {
                _ = try EtcdClient(connectionString: "127.0.0.1:1,[::1]:1,no-such-host.invalid:1")
            }
            try #require(GRPCClient.liveObjectCount == 0)
        }
    }

    @Test func logOfGRPCIsKeptOffTheStandardStreams() async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardErrorContent, \.standardOutputContent]
        ) {
            // A target that can't be parsed is something that gRPC logs as an error.
            let client = GRPCClient(
                targets: [Target(name: "ipv4:not-an-address:1", serverName: "", endpoint: 0)],
                tls: nil,
                EtcdConfiguration(endpoints: [])
            )
            let reply = client.blockingCall(
                target: 0,
                method: "/a/b",
                request: [],
                metadata: CallMetadata(requiresLeader: true),
                deadline: .after(.seconds(5))
            )
            try #require(reply.status != 0)
            try #require(GRPCLog.take()?.contains("not-an-address") == true)
            try #require(GRPCLog.take() == nil)
        }
        for content in [result.standardErrorContent, result.standardOutputContent] {
            let text = String(decoding: content, as: UTF8.self)
            #expect(!text.contains("not-an-address") && !text.contains(".cc:"), "\(text)")
        }
    }
}
