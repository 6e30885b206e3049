import EtcdClient
import EtcdLab
import TestSupport
import Testing

/// One etcd for all tests of a suite, which keep apart by their keys; it ends with the suite.
struct SharedEtcd: SuiteTrait, TestScoping {
    /// The endpoint of the suite's etcd.
    @TaskLocal static var endpoint = ""

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let server = try EtcdServer()
        defer { server.stop() }
        try await Self.$endpoint.withValue(server.endpoint) { try await function() }
    }

    /// A client of its own for the suite's etcd.
    static func client() throws -> EtcdClient {
        try EtcdClient(connectionString: endpoint)
    }
}

extension Trait where Self == SharedEtcd {
    /// One etcd for all tests of the suite.
    static var sharedEtcd: Self { Self() }
}

extension Deadline {
    /// A deadline that no call on a machine that works comes near: what meets it hangs.
    static var far: Deadline { .after(.seconds(40)) }
}

extension EtcdConfiguration {
    /// Endpoints in the order given, and hasty where a test waits for a failure.
    static func hasty(_ endpoints: String...) throws -> EtcdConfiguration {
        var configuration = EtcdConfiguration(endpoints: try Endpoint.list(endpoints.joined(separator: ",")))
        configuration.endpointOrder = .asGiven
        configuration.connectTimeout = .milliseconds(500)
        configuration.retryTimeout = .milliseconds(500)
        return configuration
    }
}

extension EtcdClient {
    /// A value as text.
    func text(_ key: Key) throws -> String? {
        try get(key, deadline: .far).map { String(decoding: $0.value, as: UTF8.self) }
    }
}
