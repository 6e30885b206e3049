internal import EtcdClient
internal import EtcdLab
internal import Foundation
internal import IPAM
internal import IPTypes
internal import KubernetesClient
internal import KubernetesLab
internal import Synchronization
internal import SystemPackage
internal import TestSupport
internal import Testing

@testable internal import UpstreamStandIn
@testable internal import Whereabouts

/// The calls of a node that change a pool object one after the other, and what they do where they can't.
@Suite struct NodeQueueTests: InPluginNamespace {
    let server: APIServer
    let namespace: String
    let kubeconfig: String
    private let scratch: ScratchDirectory

    init() throws {
        server = try SharedServers.apiServer()
        (namespace, kubeconfig) = try server.makePluginNamespace()
        scratch = try ScratchDirectory("node-queue")
    }

    private func queue(_ node: String = "node-a") -> NodeQueue {
        NodeQueue(node: node, directory: FilePath(scratch.path("pools")))
    }

    private static func turn(_ queue: NodeQueue, deadline: Deadline, _ body: (Bool) -> Void = { _ in }) throws -> Bool {
        try queue.turn(at: "pool", of: "namespace", deadline: deadline) { hasWaited throws(DatastoreError) in
            body(hasWaited)
            return hasWaited
        }
    }

    @Test func theCallsOfANodeTakeTurnsAndThoseOfAnotherDoNot() throws {
        let queue = queue()
        let inside = Mutex((now: 0, most: 0))
        let calls = (0..<8).map { _ in
            BackgroundCall {
                try Self.turn(queue, deadline: limit(600)) { _ in
                    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    Thread.sleep(forTimeInterval: 0.02)
                    inside.withLock { $0.now -= 1 }
                }
            }
        }
        let waited = try calls.map { try $0.value() }
        #expect(inside.withLock(\.most) == 1)
        #expect(waited.contains(true))
        _ = try Self.turn(queue, deadline: limit()) { _ in
            let other = try? Self.turn(self.queue("node-b"), deadline: limit())
            #expect(other == false)
        }
    }

    @Test func whoHasWaitedForAPartOfItsTimeGoesOn() throws {
        let deadline = Deadline.after(.seconds(8))
        _ = try Self.turn(queue(), deadline: limit(600)) { _ in
            let hasWaited = try? Self.turn(queue(), deadline: deadline)
            #expect(hasWaited == true)
            #expect(deadline.remaining > .seconds(3))
        }
    }

    @Test func withoutAPlaceForItNobodyWaits() throws {
        try "a file".write(toFile: scratch.path("pools"), atomically: true, encoding: .utf8)
        _ = try Self.turn(queue(), deadline: limit()) { hasWaited in
            #expect(!hasWaited)
            let other = try? Self.turn(queue(), deadline: limit())
            #expect(other == false)
        }
    }

    @Test func anAddIsNotHeldUpByACallThatNeverEnds() throws {
        let range = try demand("10.0.0.0/24")
        var datastore = try datastore(range)
        datastore.queue = queue()
        let request = AllocationRequest(
            owner: AllocationOwner(
                attachment: attachment("c"),
                pod: PodReference(namespace: "default", name: "p"),
                node: "node-a",
                network: "lab"
            ),
            podUID: nil,
            demands: [range]
        )
        _ = try datastore.queue.turn(at: "10.0.0.0-24", of: namespace, deadline: limit(600)) {
            _ throws(DatastoreError) in
            let given = try datastore.allocate(request, begin: nil, deadline: limit(12))
            #expect(given.map(\.address.address.description) == ["10.0.0.1"])
            #expect(try datastore.release(attachment("c"), deadline: limit(12)) == 1)
        }
    }

    /// A pod whose first ADD was given up while it waited has one address: the ADD of its next container sees what the first one got.
    @Test func anAddThatWaitedTakesWhatItsPodHasGotMeanwhile() throws {
        let range = try demand("10.0.0.0/24")
        let store = store
        let adds = (0..<4).map { number in
            BackgroundCall { try store.add("container-\(number)", pod: "web-0", range) }
        }
        for add in adds { #expect(try add.value() == ["10.0.0.1"]) }
        #expect(try pool("10.0.0.0-24").count == 1)
    }

    @Test func theObjectForgetsWhoManagesItsFields() throws {
        let range = try demand("10.0.0.0/24")
        _ = try store.add("a", range)
        let metadata = try #require(try object()["metadata"] as? [String: Any])
        #expect((metadata["managedFields"] as? [Any])?.isEmpty ?? true)
        _ = try store.add("b", range)
        _ = try store.release("a", range)
        #expect(try pool("10.0.0.0-24").keys.sorted() == ["2"])
    }

    /// An ADD in `10.0.0.0/24` that has reserved 10.0.0.2 and whose entry is held up, while the pool has changed and the reservation was deleted, as
    /// upstream's DEL behind a failed ADD does it by the name alone.
    private func lateAdd() throws -> (add: BackgroundCall<[String]>, front: HTTPFront) {
        let range = try demand("10.0.0.0/24")
        _ = try store.add("first", range)
        let front = try HTTPFront(to: server.port, rules: ["http-request lua.hold if { method PATCH }"])
        let config = try kubeconfig(by: front)
        let add = BackgroundCall { try Store(kubeconfig: config).add("late", node: "node-b", range) }
        while try reservations()["10.0.0.2"] == nil { Thread.sleep(forTimeInterval: 0.01) }
        let writer = try UpstreamWriter(KubernetesClient(.kubeconfig(path: kubeconfig)), range: IPPrefix("10.0.0.0/24"))
        #expect(try writer.add("theirs", pod: "default/theirs").description == "10.0.0.3")
        try server.kubectl("delete", "overlappingrangeipreservations", "10.0.0.2", "--namespace", namespace)
        return (add, front)
    }

    @Test func aReservationThatWasDeletedWhileTheEntryWaitedIsMadeAgain() throws {
        let (add, front) = try lateAdd()
        try front.letGo()
        #expect(try add.value() == ["10.0.0.2"])
        #expect(try reservations()["10.0.0.2"] == "default/pod-of-late")
        #expect(try pool("10.0.0.0-24").keys.sorted() == ["1", "2", "3"])
    }

    @Test func anAddressThatAnotherRangeReservedMeanwhileIsGivenUp() throws {
        let (add, front) = try lateAdd()
        #expect(try store.add("other", demand("10.0.0.0/16")) == ["10.0.0.2"])
        try front.letGo()
        #expect(try add.value() == ["10.0.0.4"])
        #expect(try reservations()["10.0.0.2"] == "default/pod-of-other")
        #expect(try pool("10.0.0.0-24").keys.sorted() == ["1", "3", "4"])
    }
}
