import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// Addresses of deleted pods that wait for them.
@Suite(.timeLimit(.minutes(15))) struct RetentionTests {
    private let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    private func demand(_ range: String, requested: String? = nil) throws -> AllocationRequest.Demand {
        let demand = try DatastoreFixture.demand(range)
        return try requested.map { try #require(demand.requesting(IPAddress($0))) } ?? demand
    }

    private let retaining = AllocationPolicy(retention: 3600)

    @Test func releasedAddressWaitsForItsPod() throws {
        let demand = try demand("10.1.0.0/29")
        #expect(try fixture.add("a", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/29"])
        #expect(try fixture.add("b", pod: "web-1", demand, policy: retaining) == ["10.1.0.2/29"])
        #expect(try fixture.delete("a", retention: 3600) == 1)
        #expect(try fixture.delete("a", retention: 3600) == 0)
        try fixture.expectConsistency()
        #expect(try fixture.add("c", pod: "web-2", demand, policy: retaining) == ["10.1.0.3/29"])
        // Also where the configuration at hand retains nothing.
        #expect(try fixture.add("d", demand) == ["10.1.0.4/29"])
        #expect(try fixture.add("e", pod: "web-0", node: "node-b", demand, policy: retaining) == ["10.1.0.1/29"])
        try fixture.expectConsistency()
        // A late DEL of the first container takes nothing away.
        #expect(try fixture.delete("a", retention: 3600) == 0)
        #expect(try fixture.add("e", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/29"])
        #expect(try fixture.delete("e") == 1)
        #expect(try fixture.add("f", demand) == ["10.1.0.1/29"])
    }

    /// As when an interface is unplugged and plugged in again while its container runs.
    @Test(arguments: [nil, "10.1.0.1"]) func waitingAddressIsFoundByTheSameContainer(requested: String?) throws {
        let demand = try demand("10.1.0.0/29", requested: requested)
        #expect(try fixture.add("a", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/29"])
        try fixture.delete("a", retention: 3600)
        #expect(try fixture.add("a", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/29"])
        try fixture.expectConsistency()
        #expect(try fixture.keys("retained/").isEmpty)
        #expect(try fixture.delete("a") == 1)
        #expect(try fixture.keys("address/").isEmpty)
    }

    /// A call that had read the index before another one released the address finds that record and index disagree.
    @Test(arguments: [0, 1, 2]) func waitingAddressIsNotGivenBackToItsContainerByARepair(index: Int) throws {
        let demand = try demand("10.1.0.0/29")
        _ = try fixture.add("a", pod: "web-0", demand)
        let key = try KeySpace.address("default", IPAddress("10.1.0.1"))
        let record = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        let owner = try RecordCoding.record(record).owner
        let prefix = KeySpace.indexPrefixes(owner)[index]
        let entries = try fixture.client.range(
            RangeRequest(.prefix(Key(prefix))),
            deadline: DatastoreFixture.deadline()
        ).keyValues
        let seen = try OwnedAddress.list(entries, after: prefix)
        try fixture.delete("a", retention: 3600)
        let keys = try fixture.keys()
        #expect(try fixture.datastore.repair(seen, deadline: DatastoreFixture.deadline()))
        #expect(try fixture.keys() == keys)
        try fixture.expectConsistency()
    }

    @Test func waitingAddressWhoseRecordWasWrittenByOthersIsFoundByItsPod() throws {
        let demand = try demand("10.1.0.0/29")
        _ = try fixture.add("a", pod: "web-0", demand)
        try fixture.delete("a", retention: 3600)
        let key = try KeySpace.address("default", IPAddress("10.1.0.1"))
        let record = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        try fixture.client.put(PutRequest(key, record.value), deadline: DatastoreFixture.deadline())
        #expect(try fixture.add("b", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/29"])
        try fixture.expectConsistency()
    }

    @Test func addressWithoutAPodDoesNotWait() throws {
        let demand = try demand("10.1.0.0/29")
        _ = try fixture.add("a", demand)
        #expect(try fixture.delete("a", retention: 3600) == 1)
        #expect(try fixture.add("b", demand) == ["10.1.0.1/29"])
        try fixture.expectConsistency()
    }

    @Test(arguments: [true, false]) func addressThatHasWaitedLongEnoughIsFree(isKnown: Bool) throws {
        let demand = try demand("10.1.0.0/30")
        let policy = isKnown ? AllocationPolicy(retention: 1) : AllocationPolicy()
        for number in 0..<2 {
            _ = try fixture.add("\(number)", pod: "web-\(number)", demand)
            #expect(try fixture.delete("\(number)", retention: 1) == 1)
        }
        Thread.sleep(forTimeInterval: 2.1)
        // Its own pod still finds it, as long as nobody else took it.
        #expect(try fixture.add("a", pod: "web-1", demand, policy: policy) == ["10.1.0.2/30"])
        #expect(try fixture.add("b", demand, policy: policy) == ["10.1.0.1/30"])
        try fixture.expectConsistency()
    }

    @Test func waitingAddressIsRefusedToOthersWithTheTime() throws {
        _ = try fixture.add("a", pod: "web-0", demand("10.1.0.0/24", requested: "10.1.0.9"))
        try fixture.delete("a", retention: 3600)
        let error = try #require(throws: DatastoreError.self) {
            try fixture.add("b", demand("10.1.0.0/24", requested: "10.1.0.9"))
        }
        #expect(error.description.contains("default/web-0"))
        #expect(error.description.contains("it waits until 20"))
    }

    @Test func concurrentRestartsOfPodsKeepTheirAddresses() throws {
        let demand = try demand("10.1.0.0/27")
        let policy = retaining
        let kept = try fixture.atOnce(12) { pod, datastore in
            var given: Set<InterfaceAddress> = []
            for round in 0..<12 {
                let container = "\(pod)-\(round)"
                let request = DatastoreFixture.request(container, pod: "web-\(pod)", [demand], policy: policy)
                given.formUnion(try datastore.allocate(request, deadline: .after(.seconds(60))).map(\.address))
                let attachment = Attachment(containerID: container, interfaceName: "eth0")
                #expect(
                    try EtcdDatastore(datastore.client, retention: 3600).release(
                        attachment,
                        deadline: .after(.seconds(60))
                    ) == 1
                )
            }
            return given
        }
        #expect(kept.allSatisfy { $0.count == 1 })
        #expect(Set(kept.flatMap { $0 }).count == 12)
        try fixture.expectConsistency()
    }

    @Test func containerThatComesBackUnderItsIdentifierGetsWhatWaitsForItsPod() throws {
        let demand = try demand("10.1.0.0/24")
        for _ in 0..<3 {
            #expect(try fixture.add("a", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/24"])
            #expect(try fixture.delete("a", retention: 3600) == 1)
        }
        let same = try self.demand("10.1.0.0/24", requested: "10.1.0.1")
        #expect(try fixture.add("a", pod: "web-0", same, policy: retaining) == ["10.1.0.1/24"])
        try fixture.expectConsistency()
        // Also where nothing else is left.
        let single = try self.demand("10.9.0.1/32")
        for _ in 0..<2 {
            #expect(try fixture.add("b", pod: "web-1", single, policy: retaining) == ["10.9.0.1/32"])
            #expect(try fixture.delete("b", retention: 3600) == 1)
        }
        try fixture.expectConsistency()
    }

    @Test func callsThatFreeTheSameExpiredAddressesAllGetOne() throws {
        for round in 0..<4 {
            let demand = try demand("10.1.\(round).0/28")
            for number in 0..<14 {
                _ = try fixture.add("\(round)-\(number)", pod: "web-\(round)-\(number)", demand)
                #expect(try fixture.delete("\(round)-\(number)", retention: 1) == 1)
            }
            Thread.sleep(forTimeInterval: 2.1)
            let given = try fixture.atOnce(14) { number, datastore in
                try datastore.allocate(
                    DatastoreFixture.request("new-\(round)-\(number)", [demand]),
                    deadline: .after(.seconds(60))
                ).map(\.address)
            }
            #expect(Set(given.flatMap { $0 }).count == 14)
        }
        try fixture.expectConsistency()
    }

    @Test func releasesOfOneContainerAtOnceLeaveNothingOfIt() throws {
        let demand = try demand("10.1.0.0/24")
        for round in 0..<20 {
            _ = try fixture.add("c\(round)", pod: "web-\(round)", demand, policy: retaining)
            _ = try fixture.atOnce(4) { number, datastore in
                let retaining = EtcdDatastore(datastore.client, retention: 3600)
                if number.isMultiple(of: 2) {
                    let attachment = Attachment(containerID: "c\(round)", interfaceName: "eth0")
                    try retaining.release(attachment, deadline: .after(.seconds(60)))
                } else {
                    _ = retaining.collectGarbage(
                        keeping: [],
                        network: "lab",
                        node: "node-a",
                        createdBefore: DatastoreFixture.later,
                        deadline: .after(.seconds(60))
                    )
                }
            }
            #expect(try fixture.keys("attachment/").isEmpty)
            #expect(try fixture.keys("node/").isEmpty)
            try fixture.expectConsistency()
        }
        #expect(try fixture.keys("retained/").count == 20)
    }

    /// What a request is given; nothing when the range is full, or the address that it asks for somebody else's.
    private static func allocations(_ request: AllocationRequest, _ datastore: EtcdDatastore) throws -> [Allocation] {
        do {
            return try datastore.allocate(request, deadline: .after(.seconds(60)))
        } catch .rangeFull, .addressTaken {
            return []
        }
    }

    /// Clients whose configurations disagree about everything but the network, in a pool that is short of addresses.
    @Test func differentPoliciesInOneDomainNeitherShareNorLoseAnAddress() throws {
        let ranges = ["10.1.0.0/28", "10.1.0.0/29", "10.1.0.8/29"]
        let policies = [
            AllocationPolicy(), AllocationPolicy(strategy: .next), AllocationPolicy(reuseDelay: 3600),
            AllocationPolicy(retention: 1), AllocationPolicy(strategy: .next, reuseDelay: 1, retention: 3600),
        ]
        let ledger = OwnershipLedger()
        let demands = try ranges.map { try demand($0) }
        _ = try fixture.atOnce(10) { client, datastore in
            for round in 0..<30 {
                let policy = policies[(client + round) % policies.count]
                let demand = demands[(client + round / 3) % demands.count]
                let wanted = try IPAddress("10.1.0.\(1 + (client * 7 + round) % 14)")
                // Every third call asks for an address, which may be anybody's, or wait for somebody.
                let asking = round.isMultiple(of: 3) ? demand.requesting(wanted) : nil
                let container = "\(client)-\(round)"
                let request = DatastoreFixture.request(
                    container,
                    pod: "web-\(client)-\(round % 2)",
                    [asking ?? demand],
                    policy: policy
                )
                let given = try Self.allocations(request, datastore).map {
                    ModelPlace(domain: $0.domain, address: $0.address.address)
                }
                for place in given { ledger.enter(place, for: container) }
                for place in given { ledger.remove(place) }
                try EtcdDatastore(datastore.client, retention: policy.retention).release(
                    request.owner.attachment,
                    deadline: .after(.seconds(60))
                )
            }
        }
        #expect(ledger.violations.isEmpty, "\(ledger.violations)")
        try fixture.expectConsistency()
        #expect(try fixture.keys("attachment/").isEmpty)
        // What waits for an hour does so; all else is there again.
        Thread.sleep(forTimeInterval: 2.1)
        var given: [String] = []
        while let addresses = try? fixture.add("last-\(given.count)", demands[0]) {
            given += addresses
        }
        #expect(Set(given).count == given.count)
        #expect(try given.count + fixture.keys("retained/").count == 14)
        try fixture.expectConsistency()
    }

    /// A new pod asks for the address that waits, just when the pod comes back for which it waits, and it expires.
    @Test func waitingAddressThatIsAskedForGoesToOne() throws {
        for round in 0..<12 {
            let range = "10.1.\(round).0/24"
            let address = "10.1.\(round).9"
            _ = try fixture.add("old-\(round)", pod: "web-\(round)", demand(range, requested: address))
            let retention: Int64 = round.isMultiple(of: 2) ? 1 : 3600
            try fixture.delete("old-\(round)", retention: retention)
            if retention == 1 { Thread.sleep(forTimeInterval: Double(round) * 0.2) }
            let (plain, asking) = try (demand(range), demand(range, requested: address))
            let owners = try fixture.atOnce(6) { number, datastore in
                let isOwn = number == 0
                let request = DatastoreFixture.request(
                    "new-\(round)-\(number)",
                    pod: isOwn ? "web-\(round)" : "other-\(number)",
                    [isOwn ? plain : asking],
                    policy: AllocationPolicy(retention: retention)
                )
                return try Self.allocations(request, datastore).map(\.address.description)
            }
            #expect(owners.count { $0 == ["\(address)/24"] } == 1, "\(owners)")
            #expect(!owners[0].isEmpty)
            if retention == 3600 { #expect(owners[0] == ["\(address)/24"], "\(owners)") }
        }
        try fixture.expectConsistency()
    }

    @Test(arguments: [0, 12]) func addressThatHasWaitedLongEnoughIsGivenToWhoAsksForIt(others: Int) throws {
        // More of them have waited than one call looks at.
        for number in 1...(others + 1) {
            _ = try fixture.add("old-\(number)", pod: "web-\(number)", demand("10.1.0.0/24"))
        }
        for number in 1...(others + 1) { try fixture.delete("old-\(number)", retention: 1) }
        Thread.sleep(forTimeInterval: 2.1)
        let address = "10.1.0.\(others + 1)"
        let asking = try demand("10.1.0.0/24", requested: address)
        #expect(try fixture.add("new", asking, policy: retaining) == ["\(address)/24"])
        try fixture.expectConsistency()
    }

    /// As by a backup that was restored key by key.
    @Test func addressWhoseRecordWasWrittenByOthersDoesNotWaitForEver() throws {
        let single = try demand("10.1.0.1/32")
        _ = try fixture.add("a", pod: "web-0", single)
        try fixture.delete("a", retention: 1)
        let key = try KeySpace.address("default", IPAddress("10.1.0.1"))
        let record = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        try fixture.client.put(PutRequest(key, record.value), deadline: DatastoreFixture.deadline())
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try fixture.add("b", single, policy: retaining) == ["10.1.0.1/32"])
        #expect(try fixture.keys("retained/").isEmpty)
        try fixture.expectConsistency()
    }

    @Test func keyOfRetentionThatIsNotItsRecordsIsPutRight() throws {
        let demand = try demand("10.1.0.0/24")
        _ = try fixture.add("a", pod: "web-0", demand)
        try fixture.delete("a", retention: 3600)
        let address = try IPAddress("10.1.0.1")
        let right = try fixture.keys("retained/")
        // As if it had waited until now by an earlier order.
        let key = KeySpace.address("default", address)
        let found = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        let entry = RecordCoding.encode(IndexEntry(try RecordCoding.record(found).owner, retainedUntil: 1))
        let wrong = KeySpace.retained("default", until: 1, address)
        try fixture.client.put(PutRequest(wrong, entry), deadline: DatastoreFixture.deadline())
        #expect(try fixture.add("b", demand, policy: retaining) == ["10.1.0.2/24"])
        #expect(try fixture.keys("retained/") == right)
        #expect(try fixture.add("c", pod: "web-0", demand, policy: retaining) == ["10.1.0.1/24"])
    }

    /// An address whose record an operator deleted alone, and that waited once more since.
    @Test func twoKeysOfRetentionForOneAddressStopNobody() throws {
        let single = try demand("10.1.0.1/32")
        for (pod, retention) in [("web-0", Int64(4)), ("web-1", 1)] {
            _ = try fixture.add(pod, pod: pod, single)
            try fixture.delete(pod, retention: retention)
            guard pod == "web-0" else { break }
            let record = DeleteRangeRequest(.single(try KeySpace.address("default", IPAddress("10.1.0.1"))))
            try fixture.client.deleteRange(record, deadline: DatastoreFixture.deadline())
        }
        #expect(try fixture.keys("retained/").count == 2)
        Thread.sleep(forTimeInterval: 5.1)
        #expect(try fixture.add("new", single, policy: retaining) == ["10.1.0.1/32"])
        #expect(try fixture.keys("retained/").isEmpty)
    }

    @Test(arguments: ["garbage", nil]) func recordThatSaysNothingOfItsEndBlocksItsOwnAddressOnly(value: String?) throws
    {
        let demand = try demand("10.1.0.0/30")
        _ = try fixture.add("a", pod: "web-0", demand)
        try fixture.delete("a", retention: 1)
        let key = try KeySpace.address("default", IPAddress("10.1.0.1"))
        let record = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        let text = try #require(String(validating: record.value, as: UTF8.self))
        let never = text.replacing(/"retainedUntil":"[^"]*"/, with: #""retainedUntil":"never""#)
        try fixture.client.put(PutRequest(key, value ?? never), deadline: DatastoreFixture.deadline())
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try fixture.add("b", demand, policy: retaining) == ["10.1.0.2/30"])
        let error = try #require(throws: DatastoreError.self) { try fixture.add("c", demand, policy: retaining) }
        guard case .rangeFull = error else {
            Issue.record("\(error)")
            return
        }
    }
}
