internal import EtcdClient
internal import Foundation
internal import IPAM
internal import IPTypes
internal import KubernetesClient
internal import KubernetesLab
internal import Testing

@testable internal import UpstreamStandIn
@testable internal import Whereabouts

/// What the resource definitions take and show, and those of others do.
@Suite(.timeLimit(.minutes(10))) struct KubernetesSchemaTests: InPluginNamespace {
    let server: APIServer
    let namespace: String
    let kubeconfig: String

    init() throws {
        server = try SharedServers.apiServer()
        (namespace, kubeconfig) = try server.makePluginNamespace()
    }

    private func used() throws -> Int? {
        (try object()["status"] as? [String: Any])?["used"] as? Int
    }

    /// The store of another API group, whose definitions are the shipped ones with a change.
    private func store(group: String, _ changing: (String) -> String) throws -> Store {
        try server.install(Manifest.definitions(group: group, changing: changing))
        return Store(kubeconfig: try server.kubeconfig(namespace: namespace), group: group)
    }

    @Test func aPoolShowsHowManyAddressesAreUsed() throws {
        let range = try demand("10.0.0.0/24")
        for (number, container) in ["a", "b", "c"].enumerated() {
            _ = try store.add(container, range)
            #expect(try used() == number + 1)
        }
        // What upstream's writers add is counted by the next change.
        let writer = try UpstreamWriter(KubernetesClient(.kubeconfig(path: kubeconfig)), range: IPPrefix("10.0.0.0/24"))
        _ = try writer.add("theirs", pod: "default/theirs")
        #expect(try used() == 3)
        #expect(try store.release("a", range) == 1)
        #expect(try used() == 3)
        // A pod's next container makes it no more.
        _ = try store.add("next", pod: "pod-of-b", range)
        #expect(try used() == 3)
        let lines = try server.kubectl("get", "ippools.whereabouts.cni.cncf.io", "--namespace", namespace).split(
            separator: "\n"
        )
        let columns = lines.map { $0.split(separator: " ").map(String.init) }
        #expect(columns.first == ["NAME", "RANGE", "USED", "AGE"])
        #expect(columns.last?.prefix(3) == ["10.0.0.0-24", "10.0.0.0/24", "3"])
    }

    @Test func addressesThatAreReleasedTogetherAreCountedEach() throws {
        try createPool(
            #""1": {"id": "a", "podref": "default/a"}, "2": {"id": "a", "podref": "default/a"}, "3": {"id": "b", "podref": "default/b"}"#
        )
        #expect(try store.release("a", demand("10.0.0.0/24")) == 2)
        #expect(try used() == 1)
    }

    /// Upstream's definitions have no status of a pool object.
    @Test func aDefinitionWithoutTheCountDropsIt() throws {
        let group = "dropping.example.org"
        let store = try store(group: group) { definitions in
            // The status is the last part of its definition.
            definitions.replacing(/\ {12}status:\n.*\n.*\n {14}properties:\n {16}used:\n.*\n.*\n/, with: "")
        }
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("a", range) == ["10.0.0.1"])
        #expect(try store.add("b", strategy: .next, range) == ["10.0.0.2"])
        #expect(try store.release("a", range) == 1)
        let object = try object(group: group)
        #expect(object["spec"] != nil)
        #expect(object["status"] == nil)
        #expect(try pool(group: group).keys.sorted() == ["2"])
    }

    @Test func aDefinitionThatRefusesEveryEntryEndsTheCall() throws {
        let group = "refusing.example.org"
        let store = try store(group: group) { definitions in
            definitions.replacing(/required: \[id, podref\]/, with: "required: [id, podref, node]")
        }
        let error = #expect(throws: DatastoreError.self) { try store.add("a", demand("10.0.0.0/24")) }
        let text = "\(try #require(error))"
        #expect(text.contains("the API server refused 12 changes of the pool object 10.0.0.0-24"), "\(text)")
        #expect(text.contains("node"), "\(text)")
        #expect(text.contains("CustomResourceDefinitions are those of this release"), "\(text)")
        // The reservation is taken back.
        let left = try server.kubectl(
            "get",
            "overlappingrangeipreservations.\(group)",
            "--namespace",
            namespace,
            "--output",
            "name"
        )
        #expect(left.isEmpty)
    }

    @Test func aDefinitionThatRefusesTheReservationEndsTheCall() throws {
        let group = "unreserving.example.org"
        let store = try store(group: group) { definitions in
            definitions.replacing(/required: \[podref\]/, with: "required: [podref, node]")
        }
        let error = #expect(throws: DatastoreError.self) { try store.add("a", demand("10.0.0.0/24")) }
        let text = "\(try #require(error))"
        #expect(text.contains("the API server refuses the reservation 10.0.0.1: "), "\(text)")
        #expect(try pool(group: group).isEmpty)
    }

    @Test func aDivisionHasTheConditionsOfTheAPI() throws {
        let condition =
            #"{"type": "SlicesLeft", "status": "False", "reason": "Exhausted", "message": "no slice is left", "observedGeneration": 3, "lastTransitionTime": "2026-11-27T00:00:00Z"}"#
        func manifest(_ name: String, _ condition: String) -> String {
            """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "NodeSlicePool", "metadata": {"name": "\(name)"},
             "spec": {"range": "10.0.0.0/16", "sliceSize": "/24"}, "status": {"allocations": [], "conditions": [\(condition)]}}
            """
        }
        try create(manifest("whole", condition))
        let resource = "nodeslicepools.whereabouts.cni.cncf.io"
        let text = try server.kubectl("get", resource, "whole", "--namespace", namespace, "--output", "json")
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let conditions = (object?["status"] as? [String: Any])?["conditions"] as? [[String: Any]]
        #expect(conditions?.first?.count == 6)
        for wrong in [
            condition.replacing("False", with: "No"), condition.replacing("Exhausted", with: ""),
            "\(condition), \(condition)",
        ] {
            #expect(throws: APIServerFailure.self) { try create(manifest("wrong", wrong)) }
        }
    }
}
