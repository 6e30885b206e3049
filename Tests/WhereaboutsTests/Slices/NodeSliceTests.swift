import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// Ranges that are divided among the nodes, on etcd (docs/design/slices.md).
@Suite(.timeLimit(.minutes(10))) struct NodeSliceTests {
    let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    private func demand(_ range: String, _ length: Int?, exclude: [String] = []) throws -> AllocationRequest.Demand {
        let whole = try DatastoreFixture.demand(range, exclude: exclude)
        return AllocationRequest.Demand(domain: whole.domain, pool: whole.pool, sliceLength: length)
    }

    private func add(
        _ container: String,
        on node: String,
        _ demands: AllocationRequest.Demand...,
        pod: String? = nil
    ) throws -> [IPAddress] {
        let request = DatastoreFixture.request(container, pod: pod, node: node, demands)
        return try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline()).map(\.address.address)
    }

    /// The slices as they are stored, in the order of their addresses.
    private func slices() throws -> [NodeSlice] {
        try fixture.client.range(
            RangeRequest(.prefix(Key(KeySpace.prefix + "slice/"))),
            deadline: DatastoreFixture.deadline()
        ).keyValues.map { try NodeSlice($0) }
    }

    /// Makes all slices look as if their nodes had had them for an hour.
    private func age() throws {
        let ranges = ["slice/", "node-slice/"].map { RangeRequest(.prefix(Key(KeySpace.prefix + $0))) }
        let puts = try fixture.datastore.read(ranges, deadline: DatastoreFixture.deadline()).ranges.flatMap(\.keyValues)
            .map { keyValue in
                let slice = try NodeSlice(keyValue)
                let old = NodeSlice(slice.prefix, of: slice.node, claimed: slice.claimed - 3600)
                return TxnOperation.put(PutRequest(keyValue.key, old.encoded))
            }
        _ = try fixture.client.commit(Txn(then: puts), deadline: DatastoreFixture.deadline())
    }

    @Test func eachNodeGivesOutItsOwnSlice() throws {
        let range = try demand("10.1.0.0/24", 28)
        var slices: [String: IPPrefix] = [:]
        for node in ["a", "b", "c"] {
            let addresses = try (0..<5).flatMap { try add("\(node)\($0)", on: node, range) }
            let slice = try #require(IPPrefix(containing: addresses[0], length: 28))
            // The first one is the slice's own.
            #expect(addresses == (1...5).compactMap { slice.first.advanced(by: $0) })
            slices[node] = slice
        }
        #expect(Set(slices.values).count == 3)
        #expect(Set(try self.slices().map { "\($0.node) \($0.prefix)" }) == Set(slices.map { "\($0) \($1)" }))
        try fixture.expectConsistency()
    }

    @Test func theMaskIsTheRanges() throws {
        let request = DatastoreFixture.request("c", [try demand("10.1.0.0/16", 26)])
        let allocation = try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())[0]
        #expect(allocation.address.prefixLength == 16)
    }

    @Test func anIPv6RangeIsDividedToo() throws {
        let range = try demand("fd00::/64", 120)
        let (first, second) = (try add("a", on: "a", range)[0], try add("b", on: "b", range)[0])
        let slice = try #require(IPPrefix(containing: first, length: 120))
        #expect(first == slice.first.next)
        #expect(!slice.contains(second))
        #expect(try add("a2", on: "a", range) == [first.next])
    }

    @Test func whatTheRangeExcludesNoSliceGivesOut() throws {
        // What is left: .66, .67 and .130 to .133; the other quarters have nothing to give out.
        let range = try demand(
            "10.1.0.0/24",
            26,
            exclude: ["10.1.0.0/26", "10.1.0.64/31", "10.1.0.68-10.1.0.129", "10.1.0.134-10.1.0.255"]
        )
        let given = try (0..<6).flatMap { try add("c\($0)", on: "a", range).map(\.description) }
        #expect(Set(given) == ["10.1.0.66", "10.1.0.67", "10.1.0.130", "10.1.0.131", "10.1.0.132", "10.1.0.133"])
        #expect(throws: DatastoreError.slicesTaken(range.pool, range.domain, length: 26, node: "a")) {
            try add("c6", on: "a", range)
        }
    }

    @Test func aNodeWhoseSliceIsFullGetsAnother() throws {
        let range = try demand("10.1.0.0/27", 29)
        let given = try (0..<24).flatMap { try add("c\($0)", on: "a", range) }
        #expect(Set(given).count == 24)
        #expect(try slices().count == 4)
        let error = DatastoreError.slicesTaken(range.pool, range.domain, length: 29, node: "a")
        #expect(throws: error) { try add("c24", on: "a", range) }
        #expect(throws: DatastoreError.slicesTaken(range.pool, range.domain, length: 29, node: "b")) {
            try add("d", on: "b", range)
        }
        #expect(error.description.contains("no slice of /29 is left for it"))
        try fixture.delete("c7")
        #expect(try add("c24", on: "a", range) == [given[7]])
        try fixture.expectConsistency()
    }

    @Test func anAddCanBeRepeatedAndAPodKeepsItsAddressOnItsNode() throws {
        let range = try demand("10.1.0.0/24", 28)
        let address = try add("old", on: "a", range, pod: "web-0")
        #expect(try add("old", on: "a", range, pod: "web-0") == address)
        #expect(try add("new", on: "a", range, pod: "web-0") == address)
        #expect(try fixture.delete("old") == 0)
        // On another node it gets one of that node's.
        let moved = try add("moved", on: "b", range, pod: "web-0")
        #expect(moved != address)
        #expect(try fixture.delete("new") == 1)
        #expect(try slices().count == 2)
    }

    @Test func anAddressThatIsAskedForMayBeAnyNodes() throws {
        let range = try demand("10.1.0.0/24", 28)
        let address = try add("a", on: "a", range)[0]
        let other = try #require(address.advanced(by: 3))
        #expect(try add("b", on: "b", try #require(range.requesting(other))) == [other])
        #expect(throws: DatastoreError.self) { try add("b2", on: "b", try #require(range.requesting(address))) }
    }

    /// Each has one condition more than a range that is not divided.
    @Test(arguments: [1, 2, 12, 25]) func asManyRangesAsFitIntoATransactionWork(count: Int) throws {
        let demands = try (0..<count).map { try demand("10.\($0).0.0/24", 28, exclude: ["10.\($0).0.40"]) }
        for policy in [AllocationPolicy(), AllocationPolicy(strategy: .next, reuseDelay: 60, retention: 60)] {
            for container in ["a", "b"] {
                let request = DatastoreFixture.request(
                    "\(container)-\(policy.retention)",
                    pod: "web-\(policy.retention)",
                    demands,
                    policy: policy
                )
                let given = try fixture.datastore.allocate(request, deadline: .after(.seconds(60)))
                #expect(given.count == count)
            }
        }
        #expect(try slices().count == count)
        try fixture.expectConsistency()
    }

    @Test func severalRangesAreAllOrNothing() throws {
        let (large, small) = (try demand("10.1.0.0/24", 28), try demand("fd00::/126", 127))
        _ = try add("a", on: "a", large, small)
        _ = try add("b", on: "b", large, small)
        let keys = try fixture.keys("address/")
        #expect(throws: DatastoreError.slicesTaken(small.pool, small.domain, length: 127, node: "c")) {
            try add("c", on: "c", large, small)
        }
        #expect(try fixture.keys("address/") == keys)
    }

    private func group(_ choices: AllocationRequest.Demand...) -> AllocationRequest.Demand {
        AllocationRequest.Demand(
            domain: choices[0].domain,
            pool: choices[0].pool,
            fallbacks: Array(choices.dropFirst()),
            sliceLength: choices[0].sliceLength
        )
    }

    @Test func aGroupBeginsWithASliceOfItsFirstRange() throws {
        let (first, second) = (try demand("10.1.0.0/29", 30), try demand("10.2.0.0/29", nil))
        let group = group(first, second)
        // What is there serves before another slice is claimed: the node's own slice, then the range that is not divided.
        let given = try (0..<10).map { try add("c\($0)", on: "a", group)[0] }
        #expect(given.prefix(2).allSatisfy(first.pool.range.contains))
        #expect(given[2..<8].allSatisfy(second.pool.range.contains))
        #expect(given[8...].allSatisfy(first.pool.range.contains))
        #expect(throws: DatastoreError.self) { try add("c10", on: "a", group) }
        #expect(Set(given).count == 10)
    }

    @Test func aGroupOfDividedRangesThatAreConfinedIsGivenOutWhole() throws {
        let ranges = try ["10.1.0.0/29", "10.2.0.0/29"].map { text in
            let whole = try DatastoreFixture.demand(text, confined: true)
            return AllocationRequest.Demand(domain: whole.domain, pool: whole.pool, sliceLength: 30)
        }
        let group = group(ranges[0], ranges[1])
        #expect(Set(try (0..<8).map { try add("c\($0)", on: "a", group)[0] }).count == 8)
        #expect(throws: DatastoreError.slicesTaken(ranges[1].pool, ranges[1].domain, length: 30, node: "a")) {
            try add("c8", on: "a", group)
        }
    }

    /// The slice is replaced by a larger one, so that its key is gone.
    @Test func aClaimOutOfASliceThatIsGoneIsRefused() throws {
        let small = try demand("10.1.0.0/27", 29)
        for node in ["a", "b", "c", "d"] { _ = try add(node, on: node, small) }
        let second = try #require(try slices().dropFirst().first).node
        for stored in try slices().prefix(2) { try fixture.delete(stored.node) }
        try age()
        let endpoint = fixture.etcd.endpoint
        let slow = BackgroundCall {
            let policy = AllocationPolicy(raceDelay: .seconds(2))
            let request = DatastoreFixture.request("late", node: second, [small], policy: policy)
            return try EtcdDatastore(EtcdClient(connectionString: endpoint)).allocate(
                request,
                deadline: .after(.seconds(20))
            )
        }
        Thread.sleep(forTimeInterval: 1)
        _ = try add("e", on: "e", try demand("10.1.0.0/27", 28))
        #expect(throws: DatastoreError.slicesTaken(small.pool, small.domain, length: 29, node: second)) {
            try slow.value()
        }
        try fixture.expectConsistency()
    }

    @Test func aNodeTakesOverWhatAnotherDoesNotUse() throws {
        let range = try demand("10.1.0.0/28", 29)
        _ = try add("a", on: "a", range)
        _ = try add("b", on: "b", range)
        try fixture.delete("a")
        let error = DatastoreError.slicesTaken(range.pool, range.domain, length: 29, node: "c")
        // It may be about to use it.
        #expect(throws: error) { try add("c", on: "c", range) }
        try age()
        let taken = try add("c", on: "c", range)[0]
        #expect(Set(try slices().map(\.node)) == ["b", "c"])
        #expect(try #require(try slices().first { $0.node == "c" }).prefix.contains(taken))
        // Who had it has none now, and what is in use stays.
        try age()
        #expect(throws: DatastoreError.slicesTaken(range.pool, range.domain, length: 29, node: "a")) {
            try add("a2", on: "a", range)
        }
        try fixture.expectConsistency()
    }

    /// The node has seen its slice, and loses it before its claim.
    @Test func aClaimOutOfASliceThatWasLostIsRefused() throws {
        let range = try demand("10.1.0.0/28", 29)
        _ = try add("a", on: "a", range)
        _ = try add("b", on: "b", range)
        try fixture.delete("a")
        try age()
        let endpoint = fixture.etcd.endpoint
        let slow = BackgroundCall {
            let policy = AllocationPolicy(raceDelay: .seconds(2))
            let request = DatastoreFixture.request("late", node: "a", [range], policy: policy)
            return try EtcdDatastore(EtcdClient(connectionString: endpoint)).allocate(
                request,
                deadline: .after(.seconds(20))
            )
        }
        Thread.sleep(forTimeInterval: 1)
        let taken = try add("c", on: "c", range)[0]
        #expect(throws: DatastoreError.slicesTaken(range.pool, range.domain, length: 29, node: "a")) {
            try slow.value()
        }
        #expect(try fixture.keys("address/").count == 2)
        #expect(try #require(try slices().first { $0.node == "c" }).prefix.contains(taken))
    }

    @Test(arguments: [(28, 26), (26, 28), (28, 24), (26, 27)])
    func anotherSizeLeavesWhatIsInUseAlone(old: Int, new: Int) throws {
        let (before, after) = (try demand("10.1.0.0/18", old), try demand("10.1.0.0/18", new))
        let nodes = (0..<6).map { "n\($0)" }
        var addresses: [String: IPAddress] = [:]
        for node in nodes { addresses[node] = try add("\(node)-old", on: node, before)[0] }
        for node in nodes {
            // What it has serves on, of whatever size.
            #expect(try add("\(node)-old", on: node, after) == [addresses[node]])
            let next = try add("\(node)-new", on: node, after)[0]
            #expect(
                IPPrefix(containing: next, length: old)
                    == addresses[node].flatMap { IPPrefix(containing: $0, length: old) }
            )
        }
        for node in ["x", "y", "z"] {
            _ = try add("\(node)-1", on: node, after)
        }
        let slices = try slices()
        #expect(slices.filter { $0.prefix.length == new }.count == (old == new ? 9 : 3))
        try fixture.expectConsistency()
    }

    @Test func aLargerSliceReplacesSmallerOnesThatAreNotUsed() throws {
        let small = try demand("10.1.0.0/26", 28)
        for node in ["a", "b", "c", "d"] { _ = try add(node, on: node, small) }
        try age()
        let large = try demand("10.1.0.0/26", 27)
        #expect(throws: DatastoreError.self) { try add("e", on: "e", large) }
        let half = Set(try slices().prefix(2).map(\.node))
        for node in half { try fixture.delete(node) }
        let address = try add("e", on: "e", large)[0]
        #expect(address.description == "10.1.0.1")
        #expect(try slices().map(\.prefix.length) == [27, 28, 28])
        try fixture.expectConsistency()
        // And the other way round: a smaller one takes a part of it, and the rest is free again.
        try fixture.delete("e")
        try age()
        let first = try add("f", on: "f", small)[0]
        let second = try add("g", on: "g", small)[0]
        #expect(Set([first, second].map(\.description)) == ["10.1.0.1", "10.1.0.17"])
        try fixture.expectConsistency()
    }

    @Test func theConditionTellsWhetherTheNodeCanHaveAnAddress() throws {
        let range = try demand("10.1.0.0/29", 30)
        func condition(_ node: String) throws -> RangeCondition {
            try EtcdDatastore(fixture.client, node: node).condition(of: range, deadline: DatastoreFixture.deadline())
        }
        #expect(try condition("a") == .serving)
        for index in 0..<3 { _ = try add("a\(index)", on: "a", range) }
        #expect(try condition("a") == .serving)
        #expect(try condition("b") == .exhausted(range.pool, range.domain))
        _ = try add("a3", on: "a", range)
        #expect(try condition("a") == .exhausted(range.pool, range.domain))
    }

    @Test func manyNodesAtOnceGetASliceEach() throws {
        let range = try demand("10.1.0.0/22", 28)
        let given = try fixture.atOnce(60) { number, datastore in
            let node = "n\(number / 3)"
            let request = DatastoreFixture.request("c\(number)", node: node, [range])
            return (node, try datastore.allocate(request, deadline: .after(.seconds(60)))[0].address.address)
        }
        #expect(Set(given.map(\.1)).count == 60)
        let slices = try slices()
        #expect(slices.count == 20)
        #expect(Set(slices.map(\.node)).count == 20)
        for (node, address) in given {
            #expect(try #require(slices.first { $0.prefix.contains(address) }).node == node)
        }
        try fixture.expectConsistency()
    }
}
