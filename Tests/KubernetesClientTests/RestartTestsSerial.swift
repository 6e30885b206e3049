import EtcdClient
import EtcdLab
import KubernetesClient
import KubernetesLab
import TestSupport
import Testing

/// A server that goes and comes back.
@Suite(.timeLimit(.minutes(10))) struct RestartTests {
    @Test func serverIsStoppedAndStartedBetweenCalls() throws {
        let server = try APIServer()
        let namespace = try server.makeNamespace()
        let client = try KubernetesClient(.kubeconfig(path: server.kubeconfig(namespace: namespace)))
        func create(_ name: String, deadline: Deadline = .far) throws -> APIReply {
            try client.send(
                APIRequest(
                    .create(KubernetesClientTests.pool(name, namespace: namespace)),
                    KubernetesClientTests.pools,
                    namespace: namespace
                ),
                deadline: deadline
            )
        }
        #expect(try create("a").object != nil)
        server.stop()
        let error = try #require(throws: KubernetesError.self) { try create("b", deadline: .after(.seconds(1))) }
        #expect(error.code == .unreachable)
        #expect(error.message.contains("the API server 127.0.0.1:\(server.port) can't be connected"), "\(error)")
        #expect(error.message.contains("Connection refused"), "\(error)")
        try server.start()
        #expect(try create("b").object != nil)
        // The connection is that to the server of before; a read that begins while nobody is there waits, and past the 503 of one that is starting.
        server.stop()
        let restart = BackgroundCall { [unchecked = Unchecked(server)] in try unchecked.server.start() }
        let read = APIRequest(.get, KubernetesClientTests.pools, namespace: namespace, name: "b")
        #expect(try client.send(read, deadline: .far).object != nil)
        try restart.value()
    }

    /// The server is handed over, and touched by nobody else until it is started.
    private struct Unchecked: @unchecked Sendable {
        let server: APIServer

        init(_ server: APIServer) {
            self.server = server
        }
    }
}
