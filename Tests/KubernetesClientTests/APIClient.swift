import EtcdClient
import EtcdLab
import Foundation
import JSON
import KubernetesClient
import KubernetesLab
import Testing

/// A client of the shared API server, or of what stands before it, in a namespace of its own.
struct APIClient {
    let server: APIServer
    let namespace: String
    let client: KubernetesClient

    /// Makes a client that goes to a port of loopback, the server's own unless one is given, with further lines for the cluster.
    init(
        port: UInt16? = nil,
        host: String = "127.0.0.1",
        authority: String? = TLSFixture.ca,
        cluster: [String: String] = [:],
        user: String = #""token": "\#(APIServer.adminToken)""#
    ) throws {
        server = try SharedAPIServer.server()
        namespace = try server.makeNamespace()
        var members = cluster.map { #""\#($0)": \#($1)"# }
        members.append(#""server": "https://\#(host):\#(port ?? server.port)""#)
        members += authority.map { [#""certificate-authority": "\#($0)""#] } ?? []
        client = try KubernetesClient(
            .kubeconfig(path: server.kubeconfig(user, cluster: members.joined(separator: ", "), namespace: namespace))
        )
    }

    /// Sends a request for pools.
    @discardableResult
    func send(
        _ verb: APIRequest.Verb,
        _ name: String? = nil,
        query: [String: String] = [:],
        deadline: Deadline = .far
    ) throws -> APIReply {
        try client.send(
            APIRequest(verb, KubernetesClientTests.pools, namespace: namespace, name: name, query: query),
            deadline: deadline
        )
    }

    /// The failure of a request for a pool that is not there.
    func readFailure(deadline: Deadline = .far) throws -> KubernetesError {
        try #require(throws: KubernetesError.self) { try send(.get, "p", deadline: deadline) }
    }

    /// Makes a pool.
    @discardableResult
    func create(_ name: String, deadline: Deadline = .far) throws -> APIReply {
        try send(.create(KubernetesClientTests.pool(name, namespace: namespace)), deadline: deadline)
    }

    /// The failure of making a pool.
    func writeFailure(_ name: String = "p", deadline: Deadline = .far) throws -> KubernetesError {
        try #require(throws: KubernetesError.self) { try create(name, deadline: deadline) }
    }

    /// Whether the server has a pool, as the administrator sees it.
    func serverHas(_ name: String) throws -> Bool {
        let found = try server.kubectl(
            "get",
            "ippools",
            "--namespace",
            namespace,
            "--output",
            "name",
            "--ignore-not-found",
            name
        )
        return !found.isEmpty
    }
}

extension Deadline {
    /// Far enough for everything that ends by itself.
    static var far: Deadline { .after(.seconds(120)) }
}

extension APIReply {
    /// The object; nil for any other answer.
    var object: JSONValue? {
        guard case .object(let value) = self else { return nil }
        return value
    }
}
