import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

@Suite(.timeLimit(.minutes(10))) struct RangeConditionTests {
    let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    private func condition(_ demand: AllocationRequest.Demand) throws -> RangeCondition {
        try fixture.datastore.condition(of: demand, deadline: DatastoreFixture.deadline())
    }

    private func put(_ key: String, _ value: String) throws {
        try fixture.client.put(PutRequest(Key(KeySpace.prefix + key), value), deadline: DatastoreFixture.deadline())
    }

    private func expectDistrust(
        _ condition: RangeCondition,
        of key: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .untrusted(_, _, let error) = condition else {
            Issue.record("\(condition)", sourceLocation: sourceLocation)
            return
        }
        #expect(error.description.contains(key), sourceLocation: sourceLocation)
    }

    @Test func aRangeWithRoomServes() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/29", gateway: "10.1.0.1")
        #expect(try condition(demand) == .serving)
        for index in 1...4 { _ = try fixture.add("c\(index)", demand) }
        #expect(try condition(demand) == .serving)
    }

    @Test func aRangeWhoseLastAddressIsTakenIsExhaustedUntilOneIsFreed() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/29", gateway: "10.1.0.1")
        for index in 1...5 { _ = try fixture.add("c\(index)", demand) }
        #expect(try condition(demand) == .exhausted(demand.pool, demand.domain))
        try fixture.delete("c3")
        #expect(try condition(demand) == .serving)
    }

    @Test func aGroupIsExhaustedWhenItsLastRangeIs() throws {
        let ranges = try ["10.1.0.0/30", "10.2.0.0/30"].map { try DatastoreFixture.demand($0) }
        let group = AllocationRequest.Demand(domain: ranges[0].domain, pool: ranges[0].pool, fallbacks: [ranges[1]])
        for index in 1...3 {
            _ = try fixture.add("c\(index)", group)
            #expect(try condition(group) == .serving)
        }
        _ = try fixture.add("c4", group)
        guard case .exhausted = try condition(group) else {
            Issue.record("\(try condition(group))")
            return
        }
        try fixture.delete("c1")
        #expect(try condition(group) == .serving)
    }

    /// A pod that comes back would get it, but a new one gets none.
    @Test func anAddressThatWaitsIsTakenAndOneThatHasWaitedIsNot() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/30")
        for index in 1...2 { _ = try fixture.add("c\(index)", pod: "web-\(index)", demand) }
        try fixture.delete("c1", retention: 3600)
        #expect(try condition(demand) == .exhausted(demand.pool, demand.domain))
        try fixture.delete("c2", retention: 1)
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try condition(demand) == .serving)
    }

    @Test(arguments: ["", "garbage", "{}", "{\"version\":99}"])
    func aRecordThatCannotBeDecodedIsDistrusted(value: String) throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", demand)
        try put("address/default/ipv4/010.001.000.001", value)
        expectDistrust(try condition(demand), of: "010.001.000.001")
    }

    @Test func aKeyThatIsNoAddressIsDistrusted() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        try put("address/default/ipv4/010.001.000.007x", "{}")
        expectDistrust(try condition(demand), of: "010.001.000.007x")
    }

    @Test func aRecordWithoutItsIndexKeyIsDistrusted() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("c1", demand)
        let index = Key(KeySpace.prefix + "attachment/c1/eth0/default/ipv4/010.001.000.001")
        let owner = try #require(try fixture.client.get(index, deadline: DatastoreFixture.deadline()))
        try fixture.client.put(PutRequest(index, owner.value), deadline: DatastoreFixture.deadline())
        expectDistrust(try condition(demand), of: index.description)
        try fixture.client.deleteRange(DeleteRangeRequest(.single(index)), deadline: DatastoreFixture.deadline())
        expectDistrust(try condition(demand), of: index.description)
    }

    @Test(arguments: [0, 3600]) func aKeyOfRetentionThatCanNotBeReadIsDistrusted(retention: Int64) throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/30")
        for index in 1...2 { _ = try fixture.add("c\(index)", demand) }
        if retention > 0 { try fixture.delete("c1") }
        let key = "retained/default/0000000000000000001/ipv4/010.001.000.001"
        try put(key, "garbage")
        let datastore = EtcdDatastore(fixture.client, retention: retention)
        expectDistrust(try datastore.condition(of: demand, deadline: DatastoreFixture.deadline()), of: key)
    }

    /// Whatever the number of records, a few reads of bounded size: the search narrows sixteenfold with each step.
    @Test func theCallsGrowWithTheRecordsLogarithmically() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/16")
        func calls() throws -> Int {
            let before = try fixture.etcd.startedCalls("Txn")
            #expect(try condition(demand) == .serving)
            return try fixture.etcd.startedCalls("Txn") - before
        }
        for index in 0..<100 { _ = try fixture.add("c\(index)", demand) }
        #expect(try calls() <= 4)
        for index in 100..<1500 { _ = try fixture.add("c\(index)", demand) }
        #expect(try calls() <= 5)
    }
}
