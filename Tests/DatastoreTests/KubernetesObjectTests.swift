internal import EtcdClient
internal import Foundation
internal import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient
internal import KubernetesLab
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import UpstreamStandIn
@testable internal import Whereabouts

/// The two objects of an address, beside upstream's writers and behind calls that were killed between them.
@Suite(.timeLimit(.minutes(10))) struct KubernetesObjectTests: InPluginNamespace {
    let server: APIServer
    let namespace: String
    let kubeconfig: String

    init() throws {
        server = try SharedServers.apiServer()
        (namespace, kubeconfig) = try server.makePluginNamespace()
    }

    @Test func anEntryWithoutReservationGetsOneFromItsOwner() throws {
        try createPool(#""1": {"id": "old", "podref": "default/web-0", "ifname": "eth0"}"#)
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("other", range) == ["10.0.0.2"])
        #expect(try store.add("new", pod: "web-0", range) == ["10.0.0.1"])
        #expect(try reservations() == ["10.0.0.1": "default/web-0", "10.0.0.2": "default/pod-of-other"])
        #expect(try pool("10.0.0.0-24")["1"]?["id"] == "new")
    }

    @Test func aReservationWithoutEntryIsTakenOverByItsPod() throws {
        try createReservation("10.0.0.1", pod: "default/web-0", container: "killed", pool: "10.0.0.0-24")
        let range = try demand("10.0.0.0/24")
        // To others it looks like a race that they have lost.
        #expect(try store.add("other", range) != ["10.0.0.1"])
        #expect(try store.add("new", pod: "web-0", range) == ["10.0.0.1"])
        #expect(try store.release("new", range) == 1)
        #expect(Array(try reservations().values) == ["default/pod-of-other"])
    }

    @Test func aReservationThatIsLeftOverIsTakenWhenItIsOld() throws {
        try createReservation("10.0.0.1", pod: "default/gone", container: "killed", pool: "10.0.0.0-24")
        try createReservation("10.0.0.2", pod: "default/upstreams")
        let range = try demand("10.0.0.0/29")
        let client = try KubernetesClient(.kubeconfig(path: kubeconfig))
        var datastore = KubernetesDatastore(client, demands: [range])
        datastore.claimTimeout = 1
        Thread.sleep(forTimeInterval: 2.1)
        let request = AllocationRequest(
            owner: AllocationOwner(
                attachment: attachment("a"),
                pod: PodReference(namespace: "default", name: "a"),
                node: "n",
                network: "lab"
            ),
            podUID: nil,
            demands: [range]
        )
        let first = try datastore.allocate(request, begin: nil, deadline: limit())
        #expect(first.map(\.address.address.description) == ["10.0.0.1"])
        // Upstream's may have its entry in another pool, so it stays.
        #expect(try store.add("b", range) != ["10.0.0.2"])
        #expect(try reservations()["10.0.0.2"] == "default/upstreams")
    }

    @Test func aRangeIsNotFullWhileAReservationIsUnsettled() throws {
        try createReservation("10.0.0.2", pod: "default/b", container: "b", pool: "10.0.0.0-30")
        let range = try demand("10.0.0.0/30")
        #expect(try store.add("a", range) == ["10.0.0.1"])
        let error = #expect(throws: DatastoreError.self) { try store.add("c", range) }
        guard case .contention = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.add("b", pod: "b", range) == ["10.0.0.2"])
        #expect(throws: DatastoreError.rangeFull(range.pool, range.domain)) { try store.add("c", range) }
    }

    @Test func anotherOnesReservationIsNotReleased() throws {
        try createPool(#""1": {"id": "a", "podref": "default/a", "ifname": "eth0"}"#)
        try createReservation("10.0.0.1", pod: "default/b", container: "b", pool: "10.0.0.0-16")
        let range = try demand("10.0.0.0/24")
        #expect(try store.release("a", range) == 1)
        #expect(try reservations() == ["10.0.0.1": "default/b"])
    }

    /// A pod has gone to a node with upstream's program, which changes the entry and not the reservation.
    @Test func garbageCollectionLeavesWhatUpstreamTookOver() throws {
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("ours", pod: "web-0", range) == ["10.0.0.1"])
        #expect(try store.add("stale", range) == ["10.0.0.2"])
        let patch = #"[{"op": "replace", "path": "/spec/allocations/1/id", "value": "theirs"}]"#
        try server.kubectl(
            "patch",
            "ippools.whereabouts.cni.cncf.io",
            "10.0.0.0-24",
            "--namespace",
            namespace,
            "--type",
            "json",
            "--patch",
            patch
        )
        Thread.sleep(forTimeInterval: 4)
        let collection = try store.datastore([range]).collectGarbage(
            keeping: [],
            network: "lab",
            node: "node-a",
            createdBefore: .now,
            deadline: limit()
        )
        #expect(collection.errors.isEmpty)
        #expect(collection.released == 1)
        #expect(try reservations() == ["10.0.0.1": "default/web-0"])
        #expect(try pool("10.0.0.0-24").values.map { $0["id"] } == ["theirs"])
    }

    /// A runtime lists its attachments before the collection is called.
    @Test func garbageCollectionLeavesWhatIsYounger() throws {
        let range = try demand("10.0.0.0/24")
        let begin = NodeMoment.now
        _ = try store.add("young", range)
        Thread.sleep(forTimeInterval: 2.1)
        let collection = try store.datastore([range]).collectGarbage(
            keeping: [],
            network: "lab",
            node: "node-a",
            createdBefore: begin,
            deadline: limit()
        )
        #expect(collection.released == 0)
        #expect(try reservations() == ["10.0.0.1": "default/pod-of-young"])
    }

    /// A reservation has the UID of one claim: who claims for a pod's next container makes another one.
    @Test func aLateClaimTakesNothingBackFromThePodsNextContainer() throws {
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("old", pod: "web-0", range) == ["10.0.0.1"])
        let client = try KubernetesClient(.kubeconfig(path: kubeconfig))
        let datastore = KubernetesDatastore(client, demands: [range])
        let before = try #require(try datastore.reservation("10.0.0.1", deadline: limit()))
        #expect(try store.add("new", pod: "web-0", range) == ["10.0.0.1"])
        try datastore.drop(before, deadline: limit())
        let after = try #require(try datastore.reservation("10.0.0.1", deadline: limit()))
        #expect(after.containerID == "new")
    }

    @Test func anEntryWhoseAddressIsAnothersIsGivenUp() throws {
        try createPool(#""1": {"id": "a", "podref": "default/pod-of-a", "ifname": "eth0"}"#)
        try createReservation("10.0.0.1", pod: "default/b", container: "b", pool: "10.0.0.0-16")
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("a", range) == ["10.0.0.2"])
        #expect(try pool("10.0.0.0-24").keys.sorted() == ["2"])
    }

    @Test func whatOlderReleasesOfUpstreamWroteIsUnderstood() throws {
        // Entries had no interface, and arithmetic went wrong.
        try createPool(
            #""1": {"id": "a", "podref": "default/a"}, "18446463705355360228": {"id": "x", "podref": "default/x", "ifname": "eth0"}"#
        )
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("b", range) == ["10.0.0.2"])
        #expect(try store.release("a", range) == 1)
        #expect(try store.add("c", range) == ["10.0.0.1"])
    }

    @Test func writersOfBothKindsShareAPool() throws {
        let text = "10.0.0.0/25"
        let range = try demand(text)
        let (store, kubeconfig) = (store, kubeconfig)
        let holders = Mutex<[IPAddress: String]>([:])
        let faults = Mutex<[String]>([])
        // Upstream's writers come one after the other, by their lease.
        let lease = Mutex(())
        @Sendable func hold(_ address: IPAddress, _ container: String) {
            let other = holders.withLock { holders in
                defer { holders[address] = container }
                return holders[address]
            }
            if let other { faults.withLock { $0.append("\(address): \(other) and \(container)") } }
        }
        @Sendable func letGo(_ address: IPAddress) {
            holders.withLock { _ = $0.removeValue(forKey: address) }
        }
        let ours = (0..<6).map { worker in
            BackgroundCall {
                for round in 0..<12 {
                    let container = "ours-\(worker)-\(round)"
                    let node = "node-\(worker)"
                    let address = try IPAddress(try store.add(container, node: node, range)[0])
                    hold(address, container)
                    guard round % 3 != 0 else { continue }
                    letGo(address)
                    _ = try store.release(container, node: node, range)
                }
            }
        }
        let theirs = (0..<3).map { worker in
            BackgroundCall {
                let writer = try UpstreamWriter(KubernetesClient(.kubeconfig(path: kubeconfig)), range: IPPrefix(text))
                for round in 0..<12 {
                    let container = "theirs-\(worker)-\(round)"
                    let address = try lease.withLock { _ -> IPAddress? in
                        do {
                            return try writer.add(container, pod: "default/\(container)")
                        } catch is UpstreamWriter.Failure {
                            // A failed ADD is followed by a DEL.
                            try writer.delete(container)
                            return nil
                        }
                    }
                    guard let address else { continue }
                    hold(address, container)
                    guard round % 3 != 0 else { continue }
                    letGo(address)
                    try lease.withLock { _ in try writer.delete(container) }
                }
            }
        }
        for call in ours + theirs { try call.value() }
        #expect(faults.withLock { $0 }.isEmpty)
        let entries = try pool("10.0.0.0-25")
        #expect(entries.count == holders.withLock { $0.count })
        let reservations = try reservations()
        let entered = Set(entries.values.compactMap { $0["podref"] })
        #expect(entered.symmetricDifference(reservations.values).isEmpty)
        #expect(reservations.count == entries.count)
    }
}
