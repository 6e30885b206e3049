internal import KubernetesLab
internal import Testing

/// One API server for all tests that only make objects in namespaces of their own; it takes seconds to start.
///
/// It asks clients by chance to take another connection, as servers behind a balancer do.
enum SharedAPIServer {
    private static let made = Result { try UncheckedServer(server: APIServer(arguments: ["--goaway-chance=0.02"])) }

    /// The server.
    static func server() throws -> APIServer {
        try made.get().server
    }

    /// The server is used from many threads, which only start programs with what was fixed at its start.
    private struct UncheckedServer: @unchecked Sendable {
        let server: APIServer
    }
}
