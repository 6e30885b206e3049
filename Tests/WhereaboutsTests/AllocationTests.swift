import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

@Suite(.timeLimit(.minutes(10))) struct AllocationTests {
    let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    // MARK: - One owner per address, lowest first

    @Test func addressesAreGivenOutLowestFirst() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/28")
        let given = try (1...14).map { try fixture.add("c\($0)", demand) }
        #expect(given == (1...14).map { ["10.1.0.\($0)/28"] })
        try fixture.expectConsistency()
    }

    @Test func aFreedAddressIsTheNextToBeGivenOut() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/16")
        for index in 1...9 { _ = try fixture.add("c\(index)", demand) }
        for index in [7, 3, 5] { try fixture.delete("c\(index)") }
        #expect(try fixture.add("d1", demand) == ["10.1.0.3/16"])
        #expect(try fixture.add("d2", demand) == ["10.1.0.5/16"])
        #expect(try fixture.add("d3", demand) == ["10.1.0.7/16"])
        #expect(try fixture.add("d4", demand) == ["10.1.0.10/16"])
        try fixture.expectConsistency()
    }

    @Test func theGatewayAndExclusionsAreNeverGivenOut() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/29", exclude: ["10.1.0.3-10.1.0.4"], gateway: "10.1.0.1")
        #expect(try fixture.add("c1", demand) == ["10.1.0.2/29"])
        #expect(try fixture.add("c2", demand) == ["10.1.0.5/29"])
        #expect(try fixture.add("c3", demand) == ["10.1.0.6/29"])
        #expect(throws: DatastoreError.self) { try fixture.add("c4", demand) }
    }

    @Test func overlappingRangesOfANetworkShareNoAddress() throws {
        let wide = try DatastoreFixture.demand("10.1.0.0/24")
        let narrow = try DatastoreFixture.demand("10.1.0.0/29")
        var given: [String] = []
        for index in 1...6 {
            given += try fixture.add("w\(index)", index % 2 == 0 ? wide : narrow).map {
                String($0.prefix { $0 != "/" })
            }
        }
        #expect(given == (1...6).map { "10.1.0.\($0)" })
        #expect(throws: DatastoreError.self) { try fixture.add("w7", narrow) }
        #expect(try fixture.add("w8", wide) == ["10.1.0.7/24"])
        try fixture.delete("w2")
        #expect(try fixture.add("w9", narrow) == ["10.1.0.2/29"])
        try fixture.expectConsistency()
    }

    @Test func differentNetworksAndConfinedRangesMayShareAddresses() throws {
        let plain = try DatastoreFixture.demand("10.1.0.0/24")
        let blue = try DatastoreFixture.demand("10.1.0.0/24", network: "blue")
        let odd = try DatastoreFixture.demand("10.1.0.0/24", network: "a/b %@:")
        let confined = try DatastoreFixture.demand("10.1.0.0/28", confined: true)
        for (index, demand) in [plain, blue, odd, confined].enumerated() {
            #expect(try fixture.add("c\(index)", demand).first?.hasPrefix("10.1.0.1/") == true)
        }
        try fixture.expectConsistency()
        for index in 0..<4 { #expect(try fixture.delete("c\(index)") == 1) }
        #expect(try fixture.keys("address/").isEmpty)
    }

    // MARK: - Exhaustion

    @Test func aFullRangeSaysSoAndServesAgainAfterARelease() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/30")
        _ = try fixture.add("c1", demand)
        _ = try fixture.add("c2", demand)
        let error = #expect(throws: DatastoreError.self) { try fixture.add("c3", demand) }
        #expect(error == .rangeFull(demand.pool, demand.domain))
        #expect(error?.description.contains("10.1.0.0/30") == true)
        try fixture.delete("c1")
        #expect(try fixture.add("c3", demand) == ["10.1.0.1/30"])
    }

    @Test func anAddressThatNoFrontierAndNoFreeKeyShowsIsFoundBeforeTheRangeIsCalledFull() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/22")
        for index in 0..<1022 { _ = try fixture.add("c\(index)", demand) }
        #expect(throws: DatastoreError.self) { try fixture.add("late", demand) }
        // Something other than this program deletes a record with its index keys.
        let address = try IPAddress("10.1.2.77")
        let state = try fixture.client.get(KeySpace.address("default", address), deadline: DatastoreFixture.deadline())
        let owner = try RecordCoding.record(try #require(state)).owner
        for key in KeySpace.indexKeys(owner, "default", address) + [KeySpace.address("default", address)] {
            try fixture.client.deleteRange(DeleteRangeRequest(.single(key)), deadline: DatastoreFixture.deadline())
        }
        #expect(try fixture.add("late", demand) == ["10.1.2.77/22"])
        #expect(throws: DatastoreError.self) { try fixture.add("later", demand) }
        try fixture.expectConsistency()
    }

    @Test func recordsWithoutAFrontierAreSkippedBySearching() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/16")
        for index in 0..<700 { _ = try fixture.add("c\(index)", demand) }
        // A changed configuration is a different pool, whose frontier nobody has written yet.
        let changed = try DatastoreFixture.demand("10.1.0.0/16", exclude: ["10.1.2.189"])
        #expect(try fixture.add("d0", changed) == ["10.1.2.190/16"])
        let before = try fixture.etcd.startedCalls("Txn")
        #expect(try fixture.add("d1", changed) == ["10.1.2.191/16"])
        #expect(try fixture.etcd.startedCalls("Txn") - before == 2)
    }

    /// The pool is wider than a window, so that what lies behind the window is not known.
    @Test func anAddressBehindAWindowIsNotPassedOverForAFreedOneFurtherBehind() throws {
        let before = try DatastoreFixture.demand("10.1.0.0/24", exclude: ["10.1.0.90"])
        for index in 1...120 { _ = try fixture.add("c\(index)", before) }
        try fixture.delete("c99")
        let after = try DatastoreFixture.demand("10.1.0.0/24")
        #expect(
            try (1...3).map { try fixture.add("d\($0)", after) } == [
                ["10.1.0.90/24"], ["10.1.0.100/24"], ["10.1.0.122/24"],
            ]
        )
    }

    @Test func freeKeysThatAPoolExcludesCostNoRoundTrips() throws {
        let lower = try DatastoreFixture.demand("10.1.0.0/22", exclude: ["10.1.2.0/23"])
        let upper = try DatastoreFixture.demand("10.1.0.0/22", exclude: ["10.1.0.0/23"])
        for index in 0..<200 { _ = try fixture.add("c\(index)", lower) }
        for index in 0..<200 { try fixture.delete("c\(index)") }
        let before = try fixture.etcd.startedCalls("Txn")
        #expect(try fixture.add("d", upper) == ["10.1.2.0/22"])
        #expect(try fixture.etcd.startedCalls("Txn") - before == 2)
    }

    @Test func manyRangesWhoseAddressesAreTakenAreSearched() throws {
        let wide = try DatastoreFixture.demand("10.1.0.0/20")
        for index in 0..<300 { _ = try fixture.add("c\(index)", wide) }
        let demands =
            try [DatastoreFixture.demand("10.1.0.0/21")]
            + (1...5).map { try DatastoreFixture.demand("10.2.\($0).0/24") }
        let before = try fixture.etcd.startedCalls("Txn")
        let request = DatastoreFixture.request("many", demands)
        let given = try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())
        #expect(given.first?.address.description == "10.1.1.45/21")
        #expect(try fixture.etcd.startedCalls("Txn") - before < 10)
    }

    @Test func aForeignKeyAmongTheAddressesIsNamedWhenTheRangeIsFull() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/29")
        for index in 1...6 { _ = try fixture.add("c\(index)", demand) }
        let key = Key(KeySpace.prefix + "address/default/ipv4/010.001.000.003x")
        try fixture.client.put(PutRequest(key, ""), deadline: DatastoreFixture.deadline())
        let error = #expect(throws: DatastoreError.self) { try fixture.add("late", demand) }
        #expect(error?.description.contains(key.description) == true)
    }

    @Test func hugeIPv6RangesWithHugeExclusionsWork() throws {
        let demand = try DatastoreFixture.demand("fd00::/48", exclude: ["fd00::/49", "fd00:0:0:8000::/64"])
        #expect(try fixture.add("c1", demand) == ["fd00:0:0:8001::/48"])
        #expect(try fixture.add("c2", demand) == ["fd00:0:0:8001::1/48"])
        try fixture.delete("c1")
        #expect(try fixture.add("c3", demand) == ["fd00:0:0:8001::/48"])
    }

    // MARK: - All or nothing

    @Test func severalRangesAreOneTransaction() throws {
        let four = try DatastoreFixture.demand("10.1.0.0/24")
        let six = try DatastoreFixture.demand("fd00::/64")
        #expect(try fixture.add("c1", four, six) == ["10.1.0.1/24", "fd00::1/64"])
        try fixture.expectConsistency()
        #expect(
            Set(
                try fixture.client.range(
                    RangeRequest(.prefix(Key(KeySpace.prefix + "address/"))),
                    deadline: DatastoreFixture.deadline()
                ).keyValues.map(\.modRevision)
            ).count == 1
        )
        #expect(try fixture.delete("c1") == 2)
        #expect(try fixture.keys("address/").isEmpty)
    }

    @Test func aFullSecondRangeLeavesNothingBehind() throws {
        let four = try DatastoreFixture.demand("10.1.0.0/24")
        let six = try DatastoreFixture.demand("fd00::/127")
        _ = try fixture.add("c1", four, six)
        _ = try fixture.add("c2", four, six)
        let before = try fixture.keys()
        #expect(throws: DatastoreError.self) { try fixture.add("c3", four, six) }
        #expect(try fixture.keys() == before)
    }

    @Test func asManyRangesAsFitIntoATransactionWork() throws {
        let demands = try (0..<EtcdDatastore.demandLimit).map { try DatastoreFixture.demand("10.\($0).0.0/24") }
        let request = DatastoreFixture.request("c1", pod: "web-0", demands)
        let given = try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())
        #expect(given.map(\.address.description) == (0..<demands.count).map { "10.\($0).0.1/24" })
        let again = DatastoreFixture.request("c2", pod: "web-0", demands)
        #expect(try fixture.datastore.allocate(again, deadline: DatastoreFixture.deadline()) == given)
        try fixture.expectConsistency()
        #expect(try fixture.delete("c2") == demands.count)
        #expect(try fixture.keys("address/").isEmpty)
    }

    // MARK: - Idempotence and takeover

    @Test(arguments: [nil, "web-0"]) func aRepeatedAddReturnsTheSameAddresses(pod: String?) throws {
        let demands = [try DatastoreFixture.demand("10.1.0.0/24"), try DatastoreFixture.demand("fd00::/64")]
        let request = DatastoreFixture.request("c1", pod: pod, demands)
        let first = try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())
        let keys = try fixture.keys()
        #expect(try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline()) == first)
        #expect(try fixture.keys() == keys)
    }

    @Test func aPodKeepsItsAddressesInANewContainerAndTheLateDeleteFreesNothing() throws {
        let four = try DatastoreFixture.demand("10.1.0.0/24")
        let six = try DatastoreFixture.demand("fd00::/64")
        _ = try fixture.add("other", four, six)
        let first = try fixture.add("old", pod: "web-0", node: "node-a", four, six)
        #expect(try fixture.add("new", pod: "web-0", node: "node-b", four, six) == first)
        try fixture.expectConsistency()
        #expect(try fixture.delete("old") == 0)
        #expect(try fixture.add("new", pod: "web-0", node: "node-b", four, six) == first)
        #expect(try fixture.delete("new") == 2)
        #expect(try fixture.keys("pod/").isEmpty)
        #expect(try fixture.keys("node/").count == 2)
        try fixture.expectConsistency()
    }

    @Test func interfacesOfAPodHaveAddressesOfTheirOwn() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        #expect(try fixture.add("c1", interface: "net1", pod: "web-0", demand) == ["10.1.0.1/24"])
        #expect(try fixture.add("c1", interface: "net2", pod: "web-0", demand) == ["10.1.0.2/24"])
        #expect(try fixture.delete("c1", interface: "net1") == 1)
        #expect(try fixture.add("c1", interface: "net2", pod: "web-0", demand) == ["10.1.0.2/24"])
    }

    @Test func aRangeThatIsAddedToTheConfigurationIsAllocatedBesideWhatThePodHas() throws {
        let four = try DatastoreFixture.demand("10.1.0.0/24")
        let six = try DatastoreFixture.demand("fd00::/64")
        _ = try fixture.add("old", pod: "web-0", four)
        #expect(try fixture.add("new", pod: "web-0", four, six) == ["10.1.0.1/24", "fd00::1/64"])
        try fixture.expectConsistency()
        #expect(try fixture.delete("old") == 0)
        #expect(try fixture.delete("new") == 2)
    }

    @Test func anAddressThatTheConfigurationNoLongerAllowsStaysWithTheOldContainer() throws {
        let before = try DatastoreFixture.demand("10.1.0.0/24")
        let after = try DatastoreFixture.demand("10.1.0.0/24", exclude: ["10.1.0.1"])
        _ = try fixture.add("old", pod: "web-0", before)
        #expect(try fixture.add("new", pod: "web-0", after) == ["10.1.0.2/24"])
        try fixture.expectConsistency()
        #expect(try fixture.delete("old") == 1)
        #expect(try fixture.add("new", pod: "web-0", after) == ["10.1.0.2/24"])
        try fixture.expectConsistency()
    }

    // MARK: - Release

    @Test func releasingNothingIsSuccess() throws {
        #expect(try fixture.delete("nobody") == 0)
        #expect(try fixture.keys().allSatisfy { $0.hasPrefix("fence/") })
    }

    @Test func aReleaseLeavesWhatARecordSaysIsAnotherOwners() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", demand)
        // The record changes hands behind the index, as a restored backup or a foreign tool may have it.
        let address = try IPAddress("10.1.0.1")
        let other = DatastoreFixture.request("c2", [demand]).owner
        let record = AllocationRecord(owner: other, podUID: nil, range: "10.1.0.0/24", created: .now)
        try fixture.client.put(
            PutRequest(KeySpace.address("default", address), RecordCoding.encode(record)),
            deadline: DatastoreFixture.deadline()
        )
        #expect(try fixture.delete("c1") == 0)
        #expect(try fixture.keys("address/").count == 1)
        #expect(try fixture.keys("attachment/c1/").isEmpty)
    }

    @Test(arguments: [nil, "web-0"]) func aReleaseDropsTheIndexKeysOfARecordThatIsGone(pod: String?) throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", pod: pod, demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        try fixture.client.deleteRange(DeleteRangeRequest(.single(key)), deadline: DatastoreFixture.deadline())
        #expect(try fixture.delete("c1") == 0)
        try fixture.expectConsistency()
        #expect(try fixture.add("c2", demand) == ["10.1.0.2/24"])
    }

    @Test func anIndexKeyWithoutTheOthersIsDropped() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", pod: "web-0", demand)
        for key in try fixture.keys() where key.hasPrefix("address/") || key.hasPrefix("attachment/") {
            let stored = Key(KeySpace.prefix + key)
            try fixture.client.deleteRange(DeleteRangeRequest(.single(stored)), deadline: DatastoreFixture.deadline())
        }
        let before = try fixture.etcd.startedCalls("Txn")
        #expect(try fixture.add("c2", pod: "web-0", demand) == ["10.1.0.2/24"])
        #expect(try fixture.etcd.startedCalls("Txn") - before < 10)
        try fixture.expectConsistency()
    }

    @Test func anIndexKeyWhoseValueNamesAnotherOwnerFreesNothing() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("z1", demand)
        let key = Key(KeySpace.prefix + "attachment/z2/eth0/default/ipv4/010.001.000.001")
        let value = RecordCoding.encode(DatastoreFixture.request("z1", [demand]).owner)
        try fixture.client.put(PutRequest(key, value), deadline: DatastoreFixture.deadline())
        let error = #expect(throws: DatastoreError.self) { try fixture.delete("z2") }
        #expect(error?.description.contains(key.description) == true)
        #expect(try fixture.keys("address/").count == 1)
    }

    @Test(.enabled(if: EtcdServer.deletesWithoutSpace, "this etcd refuses every transaction when it is full"))
    func anEtcdWithoutSpaceStillReleases() throws {
        let small = try DatastoreFixture(arguments: ["--quota-backend-bytes", "20000000"])
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try small.add("c1", demand)
        let filler = [UInt8](repeating: 0, count: 1_000_000)
        let full = #expect(throws: EtcdError.self) {
            for index in 0..<400 {
                try small.client.put(PutRequest(Key("filler\(index)"), filler), deadline: DatastoreFixture.deadline())
            }
        }
        #expect(full?.code == .server(.noSpace))
        #expect(throws: EtcdError.self) {
            // The alarm that makes etcd refuse small writes too comes a moment later.
            for _ in 0..<1000 {
                try small.client.put(PutRequest("small", "value"), deadline: DatastoreFixture.deadline())
            }
        }
        #expect(try small.delete("c1") == 1)
        #expect(try !small.keys().contains { $0.contains("/c1/") })
        try small.expectConsistency()
    }

    @Test(arguments: [nil, "web-0"]) func anAddWhoseRecordIsGoneGetsAnAddressThatIsRecorded(pod: String?) throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", pod: pod, demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        for container in ["c1", "c2"] {
            try fixture.client.deleteRange(DeleteRangeRequest(.single(key)), deadline: DatastoreFixture.deadline())
            let given = try InterfaceAddress(try #require(try fixture.add(container, pod: pod, demand).first))
            #expect(try fixture.keys("address/").contains("address/default/ipv4/" + given.address.fixedWidthText))
        }
        try fixture.delete("c1")
        try fixture.delete("c2")
        try fixture.expectConsistency()
        #expect(try fixture.keys("address/").isEmpty)
    }

    @Test func aRecordThatWasWrittenAgainIsIndexedAgain() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("old", pod: "web-0", demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        for container in ["old", "new"] {
            let record = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
            try fixture.client.put(PutRequest(key, record.value), deadline: DatastoreFixture.deadline())
            #expect(try fixture.add(container, pod: "web-0", demand) == ["10.1.0.1/24"])
            try fixture.expectConsistency()
        }
    }

    @Test func freeKeysOfTakenAddressesDoNotMislead() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        for index in 1...60 { _ = try fixture.add("c\(index)", demand) }
        for index in 1...60 {
            let key = KeySpace.free("default", try IPAddress("10.1.0.\(index)"))
            try fixture.client.put(PutRequest(key, "stale"), deadline: DatastoreFixture.deadline())
        }
        #expect(try fixture.add("next", demand) == ["10.1.0.61/24"])
    }

    // MARK: - Records that can't be decoded

    @Test(arguments: ["", "garbage", "{}", "{\"version\":99}"])
    func aRecordThatCannotBeDecodedIsAnErrorThatNamesTheKey(value: String) throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        try fixture.client.put(PutRequest(key, value), deadline: DatastoreFixture.deadline())
        let error = #expect(throws: DatastoreError.self) { try fixture.delete("c1") }
        #expect(error?.description.contains(key.description) == true)
        // A record that nobody understands is no free address either.
        #expect(try fixture.add("c2", demand) == ["10.1.0.2/24"])
    }

    @Test func anIndexKeyThatCannotBeDecodedIsAnErrorThatNamesTheKey() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", demand)
        let key = Key(KeySpace.prefix + "attachment/c1/eth0/default/ipv4/010.001.000.001")
        try fixture.client.put(PutRequest(key, "garbage"), deadline: DatastoreFixture.deadline())
        let error = #expect(throws: DatastoreError.self) { try fixture.add("c1", demand) }
        #expect(error?.description.contains(key.description) == true)
    }

    // MARK: - Round trips

    @Test func anUncontendedAddAndDeleteAreTwoRoundTripsEach() throws {
        let demands = [try DatastoreFixture.demand("10.1.0.0/16"), try DatastoreFixture.demand("fd00::/64")]
        func calls() throws -> Int {
            try fixture.etcd.startedCalls("Txn") + fixture.etcd.startedCalls("Range")
                + fixture.etcd.startedCalls("Put") + fixture.etcd.startedCalls("DeleteRange")
        }
        for index in 0..<40 { _ = try fixture.add("fill\(index)", demands[0], demands[1]) }
        try fixture.delete("fill7")
        for pod in [nil, "web-0"] {
            let start = try calls()
            let request = DatastoreFixture.request("c-\(pod ?? "none")", pod: pod, demands)
            _ = try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())
            let added = try calls()
            #expect(added - start == 2)
            try fixture.delete("c-\(pod ?? "none")")
            #expect(try calls() - added == 2)
        }
    }

    // MARK: - Random histories

    /// Random ADDs and DELs of a few pods on overlapping pools, against a model: the owner of each address.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func randomHistoriesKeepTheInvariants(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pools = [
            try DatastoreFixture.demand("10.1.0.0/28"),
            try DatastoreFixture.demand("10.1.0.0/27", exclude: ["10.1.0.4/30"]),
            try DatastoreFixture.demand("10.1.0.8/29"), try DatastoreFixture.demand("fd00::/125"),
        ]
        var owners: [IPAddress: String] = [:]
        var generation = 0
        for step in 0..<150 {
            let container = "c\(Int.random(in: 0..<24, using: &random))"
            if Int.random(in: 0..<5, using: &random) < 2 {
                let expected = owners.values.count { $0 == container }
                #expect(try fixture.delete(container) == expected, "step \(step)")
                owners = owners.filter { $0.value != container }
                continue
            }
            var demands = [pools[Int.random(in: 0..<3, using: &random)]]
            if Bool.random(using: &random) { demands.append(pools[3]) }
            generation += 1
            let expected = demands.map { demand -> IPAddress? in
                let own = owners.filter { $0.value == container && demand.pool.allocatable.contains($0.key) }.keys.min()
                return own
                    ?? (0..<demand.pool.bounds.count).lazy
                    .compactMap { demand.pool.bounds.first.advanced(by: $0) }
                    .first { demand.pool.allocatable.contains($0) && owners[$0] == nil }
            }
            let request = DatastoreFixture.request(container, demands)
            if expected.contains(nil) {
                #expect(throws: DatastoreError.self, "step \(step)") {
                    try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())
                }
            } else {
                let given = try fixture.datastore.allocate(request, deadline: DatastoreFixture.deadline())
                #expect(given.map(\.address.address) == expected.compactMap { $0 }, "step \(step)")
                for address in expected.compactMap({ $0 }) { owners[address] = container }
            }
        }
        #expect(try fixture.keys("address/").count == owners.count)
        try fixture.expectConsistency()
    }
}
