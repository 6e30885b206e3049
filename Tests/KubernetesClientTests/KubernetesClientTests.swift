internal import EtcdClient
internal import Foundation
internal import JSON
internal import KubernetesClient
internal import KubernetesLab
internal import Testing

@Suite struct KubernetesClientTests {
    static let pools = APIResource(group: "whereabouts.cni.cncf.io", version: "v1alpha1", plural: "ippools")

    static func pool(_ name: String, namespace: String) -> JSONValue {
        .object([
            "apiVersion": .string(pools.apiVersion), "kind": .string("IPPool"),
            "metadata": .object(["name": .string(name), "namespace": .string(namespace)]),
            "spec": .object(["range": .string("10.0.0.0/24"), "allocations": .object([:])]),
        ])
    }

    @Test func objectsAreMadeReadChangedAndDeleted() throws {
        let server = try SharedAPIServer.server()
        let namespace = try server.makeNamespace()
        let client = try KubernetesClient(.kubeconfig(path: server.kubeconfig(namespace: namespace)))
        let deadline = Deadline.after(.seconds(30))
        func send(_ verb: APIRequest.Verb, _ name: String? = nil) throws -> APIReply {
            try client.send(APIRequest(verb, Self.pools, namespace: namespace, name: name), deadline: deadline)
        }
        #expect(try send(.get, "p") == .missing)
        guard case .object(let made) = try send(.create(Self.pool("p", namespace: namespace))) else {
            Issue.record("not created")
            return
        }
        #expect(made.member("spec")?.member("range") == .string("10.0.0.0/24"))
        #expect(try send(.create(Self.pool("p", namespace: namespace))) == .exists)
        let entry: JSONValue = .object(["id": .string("c"), "podref": .string("n/p"), "ifname": .string("eth0")])
        let claim: JSONValue = .array([
            .object(["op": .string("test"), "path": .string("/spec/allocations/7"), "value": .null]),
            .object(["op": .string("add"), "path": .string("/spec/allocations/7"), "value": entry]),
        ])
        guard case .object(let changed) = try send(.patch(claim), "p") else {
            Issue.record("not changed")
            return
        }
        #expect(changed.member("spec")?.member("allocations")?.member("7") == entry)
        guard case .unprocessable = try send(.patch(claim), "p") else {
            Issue.record("a taken key was claimed")
            return
        }
        #expect(try send(.delete(uid: "00000000-0000-0000-0000-000000000000", resourceVersion: nil), "p") == .conflict)
        guard case .object = try send(.delete(uid: nil, resourceVersion: nil), "p") else {
            Issue.record("not deleted")
            return
        }
        #expect(try send(.get, "p") == .missing)
        let time = try #require(client.serverTime)
        #expect(abs(time - Int64(Date().timeIntervalSince1970)) < 60)
    }
}
