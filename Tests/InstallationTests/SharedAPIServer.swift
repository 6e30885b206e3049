import KubernetesLab

/// The API server that all tests share.
enum SharedAPIServer {
    private struct Shared: @unchecked Sendable {
        let server: APIServer
    }

    private static let made = Result { try Shared(server: APIServer()) }

    /// The server, which the first test that needs it starts.
    static func started() throws -> APIServer {
        try made.get().server
    }
}
