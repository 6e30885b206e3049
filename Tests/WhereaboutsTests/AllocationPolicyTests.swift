import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import Synchronization
import TestSupport
import Testing

@testable import Whereabouts

/// Whether calls in the background go on.
private final class Churn: Sendable {
    private let state = Mutex(true)

    var goesOn: Bool { state.withLock { $0 } }

    func end() {
        state.withLock { $0 = false }
    }
}

/// How addresses are chosen beyond "the lowest free one".
@Suite(.timeLimit(.minutes(15))) struct AllocationPolicyTests {
    private let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    private func demand(_ ranges: String..., exclude: [String] = [], requested: String? = nil) throws
        -> AllocationRequest.Demand
    {
        let choices = try ranges.map { try DatastoreFixture.demand($0, exclude: exclude) }
        let demand = AllocationRequest.Demand(
            domain: choices[0].domain,
            pool: choices[0].pool,
            fallbacks: Array(choices.dropFirst())
        )
        return try requested.map { try #require(demand.requesting(IPAddress($0))) } ?? demand
    }

    // MARK: - Going round

    private let next = AllocationPolicy(strategy: .next)

    @Test func poolThatGoesRoundComesBackToAnAddressLast() throws {
        let demand = try demand("10.1.0.0/29", exclude: ["10.1.0.3"])
        for address in ["10.1.0.1/29", "10.1.0.2/29", "10.1.0.4/29"] {
            #expect(try fixture.add(address, demand, policy: next) == [address])
        }
        try fixture.delete("10.1.0.1/29")
        #expect(try fixture.add("d", demand, policy: next) == ["10.1.0.5/29"])
        #expect(try fixture.add("e", demand, policy: next) == ["10.1.0.6/29"])
        #expect(try fixture.add("f", demand, policy: next) == ["10.1.0.1/29"])
        let full = #expect(throws: DatastoreError.self) { try fixture.add("g", demand, policy: next) }
        guard case .rangeFull = full else { throw try #require(full) }
        try fixture.delete("10.1.0.4/29")
        #expect(try fixture.add("g", demand, policy: next) == ["10.1.0.4/29"])
        try fixture.expectConsistency()
    }

    @Test func longStretchOfTakenAddressesIsPassedOver() throws {
        let demand = try demand("10.1.0.0/22")
        _ = try fixture.atOnce(8) { worker, datastore in
            for number in 0..<100 {
                let request = DatastoreFixture.request("\(worker)-\(number)", [demand])
                _ = try datastore.allocate(request, deadline: .after(.seconds(60)))
            }
        }
        // The mark of a pool that goes round is another one: it begins among the taken ones.
        #expect(try fixture.add("a", demand, policy: next) == ["10.1.3.33/22"])
        #expect(try fixture.add("b", demand, policy: next) == ["10.1.3.34/22"])
        try fixture.delete("0-0")
        #expect(try fixture.add("c", demand, policy: next) == ["10.1.3.35/22"])
        try fixture.expectConsistency()
    }

    @Test func concurrentCallsGoRoundWithoutADuplicate() throws {
        let demand = try demand("10.1.0.0/26")
        let policy = next
        let given = try fixture.atOnce(8) { worker, datastore in
            var given: [InterfaceAddress] = []
            for number in 0..<30 {
                let container = "\(worker)-\(number)"
                let request = DatastoreFixture.request(container, [demand], policy: policy)
                given += try datastore.allocate(request, deadline: .after(.seconds(60))).map(\.address)
                guard number % 6 != 0 else { continue }
                let attachment = Attachment(containerID: container, interfaceName: "eth0")
                #expect(try datastore.release(attachment, deadline: .after(.seconds(60))) == 1)
            }
            return given
        }.flatMap { $0 }
        #expect(given.count == 240)
        // All 62 were used, since the pool went round several times.
        #expect(Set(given).count == 62)
        #expect(try fixture.keys("address/").count == 40)
        try fixture.expectConsistency()
    }

    // MARK: - Waiting behind a release

    private let delayed = AllocationPolicy(reuseDelay: 3600)

    @Test(arguments: AllocationPolicy.Strategy.allCases)
    func freedAddressIsGivenOutWhenNothingElseIsFree(strategy: AllocationPolicy.Strategy) throws {
        let policy = AllocationPolicy(strategy: strategy, reuseDelay: 3600)
        let demand = try demand("10.1.0.0/29")
        for number in 1...4 { _ = try fixture.add("\(number)", demand, policy: policy) }
        try fixture.delete("2")
        Thread.sleep(forTimeInterval: 1.1)
        try fixture.delete("1")
        #expect(try fixture.add("a", demand, policy: policy) == ["10.1.0.5/29"])
        #expect(try fixture.add("b", demand, policy: policy) == ["10.1.0.6/29"])
        // The one that was released first.
        #expect(try fixture.add("c", demand, policy: policy) == ["10.1.0.2/29"])
        #expect(try fixture.add("d", demand, policy: policy) == ["10.1.0.1/29"])
        let full = #expect(throws: DatastoreError.self) { try fixture.add("e", demand, policy: policy) }
        guard case .rangeFull = full else { throw try #require(full) }
        try fixture.expectConsistency()
    }

    @Test(arguments: AllocationPolicy.Strategy.allCases)
    func addressThatHasWaitedIsGivenOutAsAnyOther(strategy: AllocationPolicy.Strategy) throws {
        let policy = AllocationPolicy(strategy: strategy, reuseDelay: 1)
        let demand = try demand("10.1.0.0/29")
        for number in 1...6 { _ = try fixture.add("\(number)", demand, policy: policy) }
        for number in [4, 2] { try fixture.delete("\(number)") }
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try fixture.add("a", demand, policy: policy) == ["10.1.0.2/29"])
        #expect(try fixture.add("b", demand, policy: policy) == ["10.1.0.4/29"])
    }

    @Test func manyFreshAddressesDoNotHideAnOlderOne() throws {
        let demand = try demand("10.1.0.0/20")
        for number in 1...4094 { _ = try fixture.add("fill-\(number)", demand) }
        for number in 1...2500 { try fixture.delete("fill-\(number)") }
        // As if released long ago.
        let old = try IPAddress("10.1.9.195")
        let domain = demand.domain.keyPart
        try fixture.client.put(
            PutRequest(KeySpace.free(domain, old), "2001-01-01T00:00:00Z"),
            deadline: .after(.seconds(20))
        )
        #expect(try fixture.add("a", demand, policy: delayed) == ["10.1.9.195/20"])
        // The ones that were released in the same second come in their order.
        let next = try fixture.add("b", demand, policy: delayed)
        #expect(next.count == 1)
        try fixture.expectConsistency()
    }

    @Test(arguments: AllocationPolicy.Strategy.allCases)
    func concurrentCallsGiveNoFreshAddressWhileThereAreOthers(strategy: AllocationPolicy.Strategy) throws {
        let policy = AllocationPolicy(strategy: strategy, reuseDelay: 3600)
        let demand = try demand("10.1.0.0/24")
        let given = try fixture.atOnce(8) { worker, datastore in
            var given: [InterfaceAddress] = []
            for number in 0..<30 {
                let container = "\(worker)-\(number)"
                let request = DatastoreFixture.request(container, [demand], policy: policy)
                given += try datastore.allocate(request, deadline: .after(.seconds(60))).map(\.address)
                let attachment = Attachment(containerID: container, interfaceName: "eth0")
                #expect(try datastore.release(attachment, deadline: .after(.seconds(60))) == 1)
            }
            return given
        }.flatMap { $0 }
        // 240 of 254: none had to be used twice.
        #expect(Set(given).count == 240)
        try fixture.expectConsistency()
    }

    /// Where pods come and go all the time, most of them at other addresses than those of the candidates.
    @Test func addSucceedsWhileOthersRelease() throws {
        let range = try demand("10.1.0.0/16")
        for number in 0..<40 { _ = try fixture.add("old-\(number)", range) }
        let churn = Churn()
        let endpoint = fixture.etcd.endpoint
        let others = (0..<3).map { client in
            BackgroundCall {
                let datastore = EtcdDatastore(try EtcdClient(connectionString: endpoint))
                while churn.goesOn {
                    let request = DatastoreFixture.request(
                        "x-\(client)",
                        [range],
                        policy: AllocationPolicy(strategy: .next)
                    )
                    _ = try datastore.allocate(request, deadline: .after(.seconds(60)))
                    try datastore.release(request.owner.attachment, deadline: .after(.seconds(60)))
                }
            }
        }
        defer { churn.end() }
        // So that there are releases behind all of the old ones.
        let begin = try fixture.etcd.startedCalls("Txn")
        while try fixture.etcd.startedCalls("Txn") - begin < 200 { usleep(10_000) }
        // This one may be given out again, those of today not yet.
        try fixture.delete("old-4")
        let free = KeySpace.free("default", try IPAddress("10.1.0.5"))
        try fixture.client.put(PutRequest(free, "2020-01-01T00:00:00Z"), deadline: DatastoreFixture.deadline())
        let policy = AllocationPolicy(reuseDelay: 3600)
        #expect(try fixture.add("a", range, policy: policy) == ["10.1.0.5/16"])
        for number in 0..<20 { _ = try fixture.add("b-\(number)", range, policy: policy) }
        churn.end()
        for other in others { try other.value() }
        try fixture.expectConsistency()
    }

    // MARK: - Groups of ranges

    @Test func nextRangeServesWhenTheOneBeforeIsFull() throws {
        let group = try demand("10.1.0.0/30", "10.2.0.0/30", "fd00::/126")
        for (number, address) in ["10.1.0.1/30", "10.1.0.2/30", "10.2.0.1/30", "10.2.0.2/30", "fd00::1/126"]
            .enumerated()
        {
            #expect(try fixture.add("\(number)", group) == [address])
        }
        // An owner keeps what it has, in whichever of the ranges.
        #expect(try fixture.add("3", group) == ["10.2.0.2/30"])
        try fixture.delete("1")
        #expect(try fixture.add("5", group) == ["10.1.0.2/30"])
        #expect(try fixture.add("6", group) == ["fd00::2/126"])
        let full = #expect(throws: DatastoreError.self) { try fixture.add("7", group) }
        guard case .rangeFull(let pool, _) = full else { throw try #require(full) }
        #expect(pool.range.description == "fd00::/126")
        try fixture.expectConsistency()
    }

    @Test func groupsAreMetAllOrNone() throws {
        let groups = try [demand("10.1.0.0/30", "10.2.0.0/30"), demand("10.3.0.0/30")]
        #expect(try fixture.add("a", groups[0], groups[1]) == ["10.1.0.1/30", "10.3.0.1/30"])
        #expect(try fixture.add("b", groups[0], groups[1]) == ["10.1.0.2/30", "10.3.0.2/30"])
        #expect(throws: DatastoreError.self) { try fixture.add("c", groups[0], groups[1]) }
        #expect(try fixture.keys("address/").count == 4)
        try fixture.delete("a")
        #expect(try fixture.add("d", groups[0], groups[1]) == ["10.1.0.1/30", "10.3.0.1/30"])
    }

    @Test func podFindsWhatItHadInAnyRangeOfTheGroup() throws {
        let group = try demand("10.1.0.0/30", "10.2.0.0/30")
        for container in ["a", "b"] { _ = try fixture.add(container, group) }
        #expect(try fixture.add("c", pod: "web-0", group) == ["10.2.0.1/30"])
        try fixture.delete("a")
        #expect(try fixture.add("d", pod: "web-0", group) == ["10.2.0.1/30"])
        try fixture.expectConsistency()
    }

    @Test func concurrentCallsFillAGroupToItsLastAddress() throws {
        let group = try demand("10.1.0.0/28", "10.2.0.0/28", "10.3.0.0/28")
        let given = try fixture.atOnce(42) { number, datastore in
            let request = DatastoreFixture.request("\(number)", [group])
            return try datastore.allocate(request, deadline: .after(.seconds(60))).map(\.address)
        }.flatMap { $0 }
        #expect(Set(given).count == 42)
        try fixture.expectConsistency()
    }

    // MARK: - Requested addresses

    @Test func requestedAddressIsGivenInPlaceOfTheNextFreeOne() throws {
        #expect(try fixture.add("a", demand("10.1.0.0/24", requested: "10.1.0.77")) == ["10.1.0.77/24"])
        #expect(try fixture.add("a", demand("10.1.0.0/24", requested: "10.1.0.77")) == ["10.1.0.77/24"])
        // The others are not kept from what lies below.
        #expect(try fixture.add("b", demand("10.1.0.0/24")) == ["10.1.0.1/24"])
        #expect(try fixture.add("c", demand("10.9.0.0/30", "10.1.0.0/24", requested: "10.1.0.5")) == ["10.1.0.5/24"])
        try fixture.expectConsistency()
    }

    @Test func takenAddressIsRefusedWithItsOwner() throws {
        _ = try fixture.add("a", pod: "web-0", demand("10.1.0.0/24", requested: "10.1.0.77"))
        let error = try #require(throws: DatastoreError.self) {
            try fixture.add("b", demand("10.1.0.0/24", requested: "10.1.0.77"))
        }
        for part in ["10.1.0.77", "default/web-0", "a/eth0", "node-a"] {
            #expect(error.description.contains(part), "\(error)")
        }
        #expect(try fixture.keys("address/").count == 1)
        // The pod's next container may have it, and once it is free anybody.
        #expect(try fixture.add("c", pod: "web-0", demand("10.1.0.0/24", requested: "10.1.0.77")) == ["10.1.0.77/24"])
        try fixture.delete("c")
        #expect(try fixture.add("b", demand("10.1.0.0/24", requested: "10.1.0.77")) == ["10.1.0.77/24"])
        try fixture.expectConsistency()
    }

    @Test func oneOfManyGetsTheRequestedAddress() throws {
        let demand = try demand("10.1.0.0/24", requested: "10.1.0.9")
        let winners = try fixture.atOnce(12) { number, datastore in
            do throws(DatastoreError) {
                _ = try datastore.allocate(
                    DatastoreFixture.request("\(number)", [demand]),
                    deadline: .after(.seconds(60))
                )
                return true
            } catch .addressTaken {
                return false
            }
        }
        #expect(winners.count { $0 } == 1)
        try fixture.expectConsistency()
    }
}
