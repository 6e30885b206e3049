import EtcdClient
import EtcdLab
import Glibc
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// Calls that lose a race for the addresses of a pool, and draw places in its queue.
///
/// The calls are run here step by step, so that they race in an order that is known.
@Suite(.timeLimit(.minutes(5))) struct QueueTests {
    private let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
        // With a minute another queue begins, which the places that are expected here do not go on in.
        while Timestamp.secondsNow % 60 > 45 { usleep(100_000) }
    }

    /// A call between its read and its claim.
    private struct Call {
        let request: AllocationRequest
        var view: StoreView
        /// The first address that it got, and all of them.
        var address: IPAddress? { addresses.first }
        var addresses: [IPAddress] = []

        var place: QueuePlace? { view.place }
    }

    private func begin(
        _ count: Int,
        _ demands: AllocationRequest.Demand...,
        policy: AllocationPolicy = AllocationPolicy()
    ) throws -> [Call] {
        try (0..<count).map { number in
            let request = DatastoreFixture.request("c\(number)", demands, policy: policy)
            let reader = StoreViewReader(request)
            let read = Txn(then: reader.operations(.linearizable))
            let response = try fixture.client.commit(read, deadline: DatastoreFixture.deadline())
            let revision = try #require(response.header).revision
            return Call(request: request, view: try reader.view(response.results, revision: revision, isCurrent: true))
        }
    }

    /// Makes the claim of a call; one that lost has the view behind it.
    private func claim(_ call: inout Call, limit: Int = 16) throws {
        let candidates = call.view.pools.map { $0.candidates(limit: limit) }
        let claim = ClaimTxn(call.request, call.view, Holdings(call.request, call.view), candidates, call.view.place)
        let response = try fixture.client.commit(claim.txn, deadline: DatastoreFixture.deadline())
        switch try claim.outcome(response) {
        case .claimed(let addresses): call.addresses = addresses
        case .lost(let view, let demand):
            #expect(demand == 0)
            call.view = try #require(view)
        }
    }

    private func octets(_ calls: [Call]) -> [Int] {
        calls.compactMap(\.address).map { Int($0.value & 0xff) }.sorted()
    }

    @Test(arguments: AllocationPolicy.Strategy.allCases)
    func everyLoserGetsTheAddressOfItsPlace(strategy: AllocationPolicy.Strategy) throws {
        let policy = AllocationPolicy(strategy: strategy)
        var calls = try begin(150, DatastoreFixture.demand("10.1.0.0/24"), policy: policy)
        for index in calls.indices { try claim(&calls[index]) }
        #expect(octets(calls) == Array(1...16))
        #expect(calls.compactMap(\.place).map(\.ahead) == Array(0..<134))

        // In whatever order they go on, with whatever number of candidates, they don't meet.
        for index in (16..<150).reversed() { try claim(&calls[index], limit: 1) }
        #expect(octets(calls) == Array(1...150))
        #expect(calls[16...].map(\.address) == calls[16...].map(\.address).sorted { $0! < $1! })
        try fixture.expectConsistency()
    }

    @Test func holderThatIsKilledHoldsNobodyUp() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        var calls = try begin(20, demand)
        for index in calls.indices { try claim(&calls[index]) }
        // The first and the third of four places are given up.
        for index in [17, 19] { try claim(&calls[index]) }
        #expect(octets(calls) == Array(1...16) + [18, 20])
        // What was left to them is the next call's.
        #expect(try fixture.add("next", demand) == ["10.1.0.17/24"])
        #expect(try fixture.add("and-another", demand) == ["10.1.0.19/24"])
        #expect(try fixture.add("last", demand) == ["10.1.0.21/24"])
        try fixture.expectConsistency()
    }

    @Test func whoLosesAgainGivesItsPlaceBack() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        var calls = try begin(19, demand)
        for index in calls.indices { try claim(&calls[index]) }
        let places = calls[16...].map(\.place)
        #expect(places.map { $0?.number } == [1, 2, 3])
        // Calls that have read meanwhile take what the first of them would try.
        for number in 0..<4 { _ = try fixture.add("fast-\(number)", demand) }
        try claim(&calls[16], limit: 2)
        #expect(calls[16].address == nil)
        #expect(calls[16].place?.number == 4)
        // Two others hold places, and its former one is not counted.
        #expect(calls[16].place?.ahead == 2)
    }

    @Test func placesAreOfTheirPoolAndTheirMinute() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let other = try DatastoreFixture.demand("10.2.0.0/24")
        func queue(_ demand: AllocationRequest.Demand, minutesAgo: Int64) -> Queue {
            Queue(demand, at: Timestamp.secondsNow - 60 * minutesAgo)
        }
        let kept = [queue(other, minutesAgo: 9).drawn, queue(demand, minutesAgo: 1).drawn]
        let old = [9, 3].flatMap { [queue(demand, minutesAgo: $0).drawn, queue(demand, minutesAgo: $0).served] }
        for key in kept + old {
            try fixture.client.put(PutRequest(key, ""), deadline: DatastoreFixture.deadline())
        }
        var calls = try begin(18, demand)
        for index in calls.indices { try claim(&calls[index]) }
        #expect(calls[16...].map { $0.place?.number } == [1, 2])
        for index in 16..<18 { try claim(&calls[index]) }
        let left = try fixture.keys("queue/")
        func name(_ key: Key) -> String { String(key.description.dropFirst(KeySpace.prefix.count)) }
        #expect(kept.map(name).allSatisfy(left.contains))
        #expect(!old.map(name).contains(where: left.contains))
    }

    @Test func placeCountsForAllRangesOfACall() throws {
        let demands = try ["10.1.0.0/24", "fd00::/120"].map { try DatastoreFixture.demand($0) }
        var calls = try begin(40, demands[0], demands[1])
        for index in calls.indices { try claim(&calls[index]) }
        let lost = calls.indices.filter { calls[$0].addresses.isEmpty }
        #expect(lost.count >= 20)
        #expect(lost.map { calls[$0].place?.ahead } == Array(0..<lost.count))
        for index in lost { try claim(&calls[index], limit: 4) }
        #expect(octets(calls) == Array(1...40))
        #expect(
            calls.allSatisfy { $0.addresses.count == 2 && $0.addresses[0].value & 0xff == $0.addresses[1].value & 0xff }
        )
        try fixture.expectConsistency()
    }

    @Test func noPlaceIsDrawnForARequestedAddressThatIsTaken() throws {
        let plain = try DatastoreFixture.demand("10.1.0.0/24")
        let requested = try #require(plain.requesting(IPAddress("10.1.0.9")))
        let dynamic = try DatastoreFixture.demand("fd00::/120")
        #expect(try fixture.add("first", requested, dynamic) == ["10.1.0.9/24", "fd00::1/120"])
        #expect(throws: DatastoreError.self) { try fixture.add("second", requested, dynamic) }
        #expect(try fixture.keys("queue/").isEmpty)
    }

    /// Else the next call to lose would leave an address to it.
    @Test func whoEndsWithoutAnAddressGivesItsPlaceBack() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let narrow = try DatastoreFixture.demand("10.1.0.0/24", exclude: ["10.1.0.200"])
        let taken = try DatastoreFixture.demand("10.2.0.0/29")
        let full = try DatastoreFixture.demand("10.2.0.0/29", exclude: ["10.2.0.6"])
        // A pool with other exclusions does not know what is taken, and loses.
        for number in 0..<9 { _ = try fixture.add("c\(number)", demand) }
        for number in 0..<6 { _ = try fixture.add("f\(number)", taken) }
        #expect(throws: DatastoreError.self) { try fixture.add("refused", narrow, full) }
        #expect(try fixture.keys("queue/").map { $0.split(separator: "/").last } == ["drawn", "served"])
        #expect(try fixture.add("next", narrow) == ["10.1.0.10/24"])
        for number in 9..<30 { _ = try fixture.add("c\(number)", demand) }
        #expect(try fixture.add("last", narrow) == ["10.1.0.32/24"])
    }

    /// A pool that was full once is read by its free keys alone, wherever in it they lie.
    @Test func losersInAPoolThatWasFullFindWhatWasReleased() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/22")
        for number in 0..<1022 { _ = try fixture.add("c\(number)", demand) }
        for number in 300..<900 { #expect(try fixture.delete("c\(number)") == 1) }
        let transactions = try fixture.etcd.startedCalls("Txn")
        let given = try fixture.atOnce(100) { number, datastore in
            let request = DatastoreFixture.request("again-\(number)", [demand])
            return try datastore.allocate(request, deadline: .after(.seconds(120)))[0].address.address
        }
        #expect(Set(given).count == 100)
        // A read, a claim that is lost and one that is not, and a read of more free keys.
        #expect(Double(try fixture.etcd.startedCalls("Txn") - transactions) / 100 < 5)
    }

    /// Addresses that have been given out before are free by their keys, of which a first read returns few.
    @Test func losersOfReleasedAddressesFindThoseOfTheirPlaces() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        func calls(_ name: String) throws -> [IPAddress] {
            try fixture.atOnce(120) { number, datastore in
                let request = DatastoreFixture.request("\(name)-\(number)", [demand])
                return try datastore.allocate(request, deadline: .after(.seconds(120)))[0].address.address
            }
        }
        let first = try calls("first")
        #expect(Set(first).count == 120)
        for number in 0..<120 { #expect(try fixture.delete("first-\(number)") == 1) }
        let again = try calls("again")
        #expect(Set(again).count == 120)
        #expect(again.allSatisfy { $0.value & 0xff <= 130 }, "\(again.max().map { "\($0)" } ?? "")")
        try fixture.expectConsistency()
    }

    /// A pool with as many addresses as there are calls, where the last of them are sought one by one.
    @Test func poolOfExactlyAsManyAddressesServesAll() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/25")
        for round in 0..<2 {
            let given = try fixture.atOnce(126) { number, datastore in
                let request = DatastoreFixture.request("r\(round)-\(number)", [demand])
                return try datastore.allocate(request, deadline: .after(.seconds(120)))[0].address.address
            }
            #expect(Set(given).count == 126)
            for number in 0..<126 { #expect(try fixture.delete("r\(round)-\(number)") == 1) }
        }
    }
}
