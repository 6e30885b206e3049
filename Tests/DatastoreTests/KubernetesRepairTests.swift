internal import EtcdClient
internal import Foundation
internal import IPAM
internal import IPTypes
internal import KubernetesClient
internal import KubernetesLab
internal import TestSupport
internal import Testing

@testable internal import Whereabouts

/// Halves of addresses, and addresses that pass from one container to the next: what is whose, and what nobody's.
@Suite(.timeLimit(.minutes(10))) struct KubernetesRepairTests: InPluginNamespace {
    let server: APIServer
    let namespace: String
    let kubeconfig: String

    init() throws {
        server = try SharedServers.apiServer()
        (namespace, kubeconfig) = try server.makePluginNamespace()
    }

    private func owner(_ container: String, pod: String) -> AllocationOwner {
        AllocationOwner(
            attachment: attachment(container),
            pod: PodReference(namespace: "default", name: pod),
            node: "node-a",
            network: "lab"
        )
    }

    // MARK: An address that passes to a pod's next container

    @Test func anAddressPassesOnlyWhenAllElseIsClaimed() throws {
        let (first, second) = (try demand("10.0.0.0/24"), try demand("10.1.0.0/30"))
        #expect(try store.add("old", pod: "web-0", first) == ["10.0.0.1"])
        for container in ["a", "b"] { _ = try store.add(container, second) }
        let before = try reservationOwners()
        #expect(throws: DatastoreError.rangeFull(second.pool, second.domain)) {
            try store.add("new", pod: "web-0", first, second)
        }
        #expect(try pool()["1"]?["id"] == "old")
        #expect(try reservationOwners() == before)
        // The DEL behind a failed ADD takes nothing from the container that runs.
        #expect(try store.release("new", first, second) == 0)
        #expect(try store.release("a", second) == 1)
        #expect(try store.add("new", pod: "web-0", first, second) == ["10.0.0.1", "10.1.0.1"])
        #expect(try pool()["1"]?["id"] == "new")
        #expect(try store.release("old", first, second) == 0)
        #expect(try store.release("new", first, second) == 2)
    }

    @Test func whatIsNewIsTakenBackWhenAnAddressCannotPass() throws {
        let (first, second) = (try demand("10.0.0.0/24", requested: "10.0.0.1"), try demand("10.1.0.0/24"))
        try createPool(#""1": {"id": "old", "podref": "default/web-0", "ifname": "eth0"}"#)
        try createReservation("10.0.0.1", pod: "default/other", container: "other", pool: "10.0.0.0-16")
        #expect(throws: DatastoreError.self) { try store.add("new", pod: "web-0", first, second) }
        #expect(try pool("10.1.0.0-24").isEmpty)
        #expect(try reservations() == ["10.0.0.1": "default/other"])
    }

    @Test func oneAddressDoesNotPassForTwoDemands() throws {
        let (wide, narrow) = (try demand("10.0.0.0/16"), try demand("10.0.0.0/24"))
        #expect(try store.add("old", pod: "web-0", narrow) == ["10.0.0.1"])
        #expect(try store.add("new", pod: "web-0", wide, narrow) == ["10.0.0.2", "10.0.0.1"])
        #expect(try store.release("new", wide, narrow) == 2)
        #expect(try reservations().isEmpty)
    }

    /// It is young again, so that nobody takes it for one that a killed call has left.
    @Test func aReservationThatPassesIsAsOldAsItsClaim() throws {
        let range = try demand("10.0.0.0/24")
        let address = try IPAddress("10.0.0.1")
        try createReservation("10.0.0.1", pod: "default/web-0", container: "old", pool: "10.0.0.0-24")
        let datastore = try datastore(range, claimTimeout: 2)
        let pool = try datastore.poolOrNew(range, deadline: limit())
        func reserve(_ container: String, pod: String) throws -> KubernetesDatastore.ReservationOutcome {
            try datastore.reserve(
                address,
                of: range,
                pool: pool,
                for: owner(container, pod: pod),
                deadline: limit()
            )
        }
        Thread.sleep(forTimeInterval: 3.1)
        // By a pod's next container, and by the same one again.
        for _ in 0..<2 {
            guard case .reserved(let made) = try reserve("new", pod: "web-0") else {
                Issue.record("it is not reserved for its pod")
                return
            }
            #expect(made.containerID == "new")
            guard case .taken(let found) = try reserve("other", pod: "other") else {
                Issue.record("another pod has taken it")
                return
            }
            #expect(found.uid == made.uid)
            Thread.sleep(forTimeInterval: 3.1)
        }
        guard case .reserved = try reserve("other", pod: "other") else {
            Issue.record("it is left over by now")
            return
        }
    }

    @Test func aReservationIsNotLeftOverWhileThePoolThatItNamesHasTheEntry() throws {
        try createPool(of: "10.0.0.0/16", #""1": {"id": "b", "podref": "default/b", "ifname": "eth0"}"#)
        try createReservation("10.0.0.1", pod: "default/b", container: "b", pool: "10.0.0.0-16")
        // Nobody has an entry of this one, nor has that pool ever been made.
        try createReservation("10.0.0.2", pod: "default/c", container: "c", pool: "10.0.0.0-20")
        let range = try demand("10.0.0.0/24")
        Thread.sleep(forTimeInterval: 2.1)
        let request = AllocationRequest(owner: owner("a", pod: "a"), podUID: nil, demands: [range])
        let made = try datastore(range, claimTimeout: 1).allocate(request, begin: nil, deadline: limit())
        #expect(made.map(\.address.address.description) == ["10.0.0.2"])
        #expect(try reservations() == ["10.0.0.1": "default/b", "10.0.0.2": "default/a"])
    }

    /// Its entries may be somebody's: it is never taken for one that is not there.
    @Test(arguments: ["10.0.0.0 /16", "10.0.0.0-10.0.255.255/16", "10.0.0.0/016"])
    func aPoolThatDoesNotSayItsRangeKeepsWhatItHas(text: String) throws {
        let wide = try demand("10.0.0.0/16")
        #expect(try store.add("b", wide) == ["10.0.0.1"])
        try server.kubectl(
            "patch",
            "ippools.whereabouts.cni.cncf.io",
            "10.0.0.0-16",
            "--namespace",
            namespace,
            "--type=merge",
            "--patch",
            #"{"spec": {"range": "\#(text)"}}"#
        )
        Thread.sleep(forTimeInterval: 2.1)
        let range = try demand("10.0.0.0/24")
        let request = AllocationRequest(owner: owner("a", pod: "a"), podUID: nil, demands: [range])
        let made = try datastore(range, claimTimeout: 1).allocate(request, begin: nil, deadline: limit())
        #expect(made.map(\.address.address.description) == ["10.0.0.2"])
        // The plugin's account may not list them all.
        let client = try KubernetesClient(.kubeconfig(path: server.kubeconfig(namespace: namespace)))
        var everybody = KubernetesDatastore(client, demands: [])
        everybody.claimTimeout = 1
        #expect(try everybody.repairHalves(isDryRun: false, deadline: limit()).isEmpty)
        #expect(try reservations() == ["10.0.0.1": "default/pod-of-b", "10.0.0.2": "default/a"])
        // Neither is it given out of, nor released from.
        for body in [{ _ = try store.add("c", wide) }, { _ = try store.release("b", wide) }] {
            let error = #expect(throws: DatastoreError.self, performing: body)
            #expect(error?.description.contains("ippools/10.0.0.0-16") == true, "\(String(describing: error))")
        }
    }

    @Test func aFallbackServesWhileTheFirstRangeIsContended() throws {
        try createReservation("10.0.0.2", pod: "default/b", container: "b", pool: "10.0.0.0-30")
        let range = try demand("10.0.0.0/30", fallbacks: [demand("10.1.0.0/30")])
        let addresses = try ["a", "c", "d"].flatMap { try store.add($0, range) }
        #expect(addresses == ["10.0.0.1", "10.1.0.1", "10.1.0.2"])
        let error = #expect(throws: DatastoreError.self) { try store.add("e", range) }
        guard case .contention = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    // MARK: The order of a release

    /// What a call leaves that ends between the two halves: the reservation, which others can tell to be nobody's.
    @Test func aReleaseTakesTheEntryFirst() throws {
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("a", range) == ["10.0.0.1"])
        let front = try HTTPFront(to: server.port, rules: ["http-request return status 403 if { method DELETE }"])
        let cut = Store(kubeconfig: try kubeconfig(by: front))
        #expect(throws: DatastoreError.self) { try cut.release("a", range) }
        #expect(try pool().isEmpty)
        #expect(try reservations() == ["10.0.0.1": "default/pod-of-a"])
        #expect(try store.release("a", range) == 0)
        Thread.sleep(forTimeInterval: 2.1)
        let request = AllocationRequest(owner: owner("b", pod: "b"), podUID: nil, demands: [range])
        let made = try datastore(range, claimTimeout: 1).allocate(request, begin: nil, deadline: limit())
        #expect(made.map(\.address.address.description) == ["10.0.0.1"])
    }

    @Test(arguments: ["http-request return status 500", "http-response set-status 500"])
    func aDeletionWithoutAnAnswerIsRepeated(harm: String) throws {
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("a", range) == ["10.0.0.1"])
        // Behind two reads and the change of the pool.
        let front = try HTTPFront(
            to: server.port,
            rules: ["\(harm) if { method DELETE } { sc_http_req_cnt(0) le 4 }"]
        )
        #expect(try Store(kubeconfig: kubeconfig(by: front)).release("a", range) == 1)
        #expect(try reservations().isEmpty)
        #expect(try front.requests(atLeast: 5).filter { $0.hasPrefix("DELETE") }.count == 2)
    }

    // MARK: Entries that name no interface

    @Test func anEntryWithoutInterfaceIsReleasedUnlessAnotherOneIsTheInterfaces() throws {
        let range = try demand("10.0.0.0/24")
        try createPool(
            #""1": {"id": "a", "podref": "default/a"}, "2": {"id": "a", "podref": "default/a", "ifname": "net1"}"#
        )
        #expect(try store.release("a", interface: "net1", range) == 1)
        #expect(try pool().keys.sorted() == ["1"])
        #expect(try store.release("a", range) == 1)
        #expect(try pool().isEmpty)
    }

    @Test func anEntryWithoutInterfacePassesToNoInterface() throws {
        let range = try demand("10.0.0.0/24")
        try createPool(#""1": {"id": "a", "podref": "default/a"}"#)
        #expect(try store.add("a", pod: "a", interface: "net1", range) == ["10.0.0.2"])
        #expect(try pool()["1"] == ["id": "a", "podref": "default/a"])
    }

    @Test func anEntryWithoutInterfaceIsTheContainersForACheck() throws {
        let range = try demand("10.0.0.0/24")
        try createPool(#""1": {"id": "a", "podref": "default/a"}"#)
        try createReservation("10.0.0.1", pod: "default/a")
        let address = (domain: range.domain, address: try IPAddress("10.0.0.1"))
        for (container, isOwner) in [("a", true), ("b", false)] {
            let state = try datastore(range).state(of: attachment(container), addresses: [address], deadline: limit())
            #expect(state.owns(address.address, in: range.domain, attachment(container)) == isOwner)
        }
    }

    // MARK: Upstream's reservations

    /// They tell neither pool nor container, so each would cost a try of its own.
    @Test func aRangeFullOfUpstreamsReservationsIsLookedThroughAtOnce() throws {
        let names = (1...126).map { "10.0.0.\($0)" }
        try create(
            #"{"apiVersion": "v1", "kind": "List", "items": ["#
                + names.map { reservation($0, pod: "default/theirs-\($0)") }.joined(separator: ", ") + "]}"
        )
        let front = try HTTPFront(to: server.port)
        let range = try demand("10.0.0.0/25")
        #expect(throws: DatastoreError.rangeFull(range.pool, range.domain)) {
            try Store(kubeconfig: kubeconfig(by: front)).add("a", range)
        }
        let count = try front.requests(atLeast: 10).count
        #expect(count < 80, "\(count) requests")
        try server.kubectl(
            "delete",
            "overlappingrangeipreservations.whereabouts.cni.cncf.io",
            "10.0.0.77",
            "--namespace",
            namespace
        )
        #expect(try store.add("a", range) == ["10.0.0.77"])
    }

    @Test func theAddressesOfAReservationAreThoseOfItsName() throws {
        func addresses(_ name: String) throws -> [String] {
            try createReservation(name, pod: "default/a")
            let found = try #require(try datastore().reservation(name, deadline: limit()))
            return found.addresses.map(\.description)
        }
        #expect(try addresses("10.0.0.1") == ["10.0.0.1"])
        #expect(try addresses("blue-10.0.0.1") == ["10.0.0.1"])
        #expect(try addresses("fd00--0") == ["fd00::"])
        #expect(try addresses("blue-fd00--1") == ["fd00::1"])
        #expect(try addresses("2001-db8--1") == ["2001:db8::1", "db8::1"])
        #expect(try addresses("blue").isEmpty)
    }
}
