import CNI
import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import JSON
import TestSupport
import Testing

@testable import Whereabouts

@Suite(.timeLimit(.minutes(10))) struct GarbageCollectionTests {
    let fixture: DatastoreFixture
    let demand: AllocationRequest.Demand

    init() throws {
        fixture = try DatastoreFixture()
        demand = try DatastoreFixture.demand("10.1.0.0/16")
    }

    private func collect(
        keeping valid: [String] = [],
        network: String = "lab",
        node: String = "node-a",
        createdBefore moment: NodeMoment = DatastoreFixture.later
    ) -> GarbageCollection {
        fixture.datastore.collectGarbage(
            keeping: Set(valid.map { Attachment(containerID: $0, interfaceName: "eth0") }),
            network: network,
            node: node,
            createdBefore: moment,
            deadline: DatastoreFixture.deadline()
        )
    }

    private func records() throws -> [String] {
        try fixture.keys("address/").map { String($0.suffix(3)) }
    }

    @Test func whatIsNotListedIsReleasedAndTheListedStays() throws {
        for index in 1...5 { _ = try fixture.add("c\(index)", demand) }
        let collection = collect(keeping: ["c2", "c4", "unknown"])
        #expect(collection.released == 3)
        #expect(collection.errors.isEmpty)
        #expect(try records() == ["002", "004"])
        try fixture.expectConsistency()
        #expect(try fixture.add("c6", demand) == ["10.1.0.1/16"])
    }

    @Test func anotherInterfaceOfAListedContainerIsNotListed() throws {
        _ = try fixture.add("c1", demand)
        _ = try fixture.add("c1", interface: "net1", demand)
        #expect(collect(keeping: ["c1"]).released == 1)
        #expect(try records() == ["001"])
    }

    @Test func recordsOfOtherNodesAndNetworksStay() throws {
        _ = try fixture.add("c1", demand)
        _ = try fixture.add("c2", node: "node-b", demand)
        // A node whose name begins with this one's.
        _ = try fixture.add("c3", node: "node-a/b", demand)
        #expect(collect(network: "other").released == 0)
        #expect(collect().released == 1)
        #expect(try records() == ["002", "003"])
        try fixture.expectConsistency()
    }

    @Test func aDualStackAttachmentLosesBothItsAddresses() throws {
        let other = try DatastoreFixture.demand("fd00::/64")
        _ = try fixture.add("c1", demand, other)
        #expect(collect().released == 2)
        #expect(try fixture.keys("address/").isEmpty)
        try fixture.expectConsistency()
    }

    /// More records than a page of the listing holds, and than one transaction releases.
    @Test func manyRecordsAreReadPageByPage() throws {
        let count = Int(EtcdDatastore.listingPageSize) * 2 + 30
        for index in 0..<count { _ = try fixture.add("c\(index)", demand) }
        let before = try fixture.etcd.startedCalls("Txn")
        #expect(collect(keeping: (0..<30).map { "c\($0)" }).released == count - 30)
        let calls = try fixture.etcd.startedCalls("Txn") - before
        // Three pages with the times of their records, and for each of them a batch that is not full.
        #expect(calls <= 3 + (count / 100 + 3) + count / EtcdDatastore.batchSize + 3)
        #expect(try fixture.keys("address/").count == 30)
        try fixture.expectConsistency()
    }

    @Test func whatCannotBeDecodedIsReportedAndTheRestReleased() throws {
        for index in 1...3 { _ = try fixture.add("c\(index)", demand) }
        let bad = ["node/node-a/default/ipv4/010.001.000.002", "node/node-a/default/ipv4/nonsense"]
        for key in bad {
            let put = PutRequest(Key(KeySpace.prefix + key), "garbage")
            try fixture.client.put(put, deadline: DatastoreFixture.deadline())
        }
        let collection = collect()
        #expect(collection.released == 2)
        #expect(collection.errors.count == 2)
        for (error, key) in zip(collection.errors, bad) {
            #expect(error.description.contains(key), "\(error)")
        }
        #expect(try records() == ["002"])
    }

    @Test func theErrorsOfACollectionAreOneErrorThatNamesThemAll() throws {
        for index in 0..<40 {
            let key = "node/node-a/default/ipv4/nonsense-\(index)"
            try fixture.client.put(
                PutRequest(Key(KeySpace.prefix + key), "garbage"),
                deadline: DatastoreFixture.deadline()
            )
        }
        let collection = collect()
        let error = try #require(CNIError(collection))
        #expect(error.code == .recordUndecodable)
        #expect(error.details.contains("nonsense-0"))
        #expect(error.details.hasSuffix("and 24 more"))
    }

    /// An index key whose record was changed by something else: the record stays, and the index is put right.
    @Test func aRecordThatDisagreesWithItsIndexIsNotReleasedUnseen() throws {
        _ = try fixture.add("c1", demand)
        _ = try fixture.add("c2", demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        let record = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        try fixture.client.put(PutRequest(key, record.value), deadline: DatastoreFixture.deadline())
        #expect(collect().released == 1)
        #expect(try records() == ["001"])
        try fixture.expectConsistency()
        #expect(collect().released == 1)
    }

    /// Races with ADDs that take over, make anew and release: whatever is left belongs to who wrote it last.
    @Test func whatIsWrittenDuringTheCallSurvives() throws {
        let demand = demand
        let endpoint = fixture.etcd.endpoint
        for index in 0..<400 { _ = try fixture.add("old\(index)", pod: "p\(index)", demand) }
        let adding = BackgroundCall {
            let datastore = EtcdDatastore(try EtcdClient(connectionString: endpoint))
            for index in 0..<400 {
                let request = DatastoreFixture.request("new\(index)", pod: "p\(index)", [demand])
                _ = try datastore.allocate(request, deadline: DatastoreFixture.deadline())
            }
        }
        // The runtime would not call at this moment, and nothing that begins now is lost all the same.
        let collection = collect(keeping: (0..<400).map { "new\($0)" })
        try adding.value()
        #expect(collection.errors.isEmpty)
        try fixture.expectConsistency()
        for index in 0..<400 {
            let prefix = KeySpace.attachmentPrefix(Attachment(containerID: "new\(index)", interfaceName: "eth0"))
            #expect(try fixture.client.count(.prefix(Key(prefix)), deadline: DatastoreFixture.deadline()) == 1)
        }
    }

    /// Records of containers that the list lacks, written while page after page is read; they sort behind all others.
    @Test func whatIsYoungerThanTheCallSurvives() throws {
        let endpoint = fixture.etcd.endpoint
        for index in 0..<(Int(EtcdDatastore.listingPageSize) * 2) { _ = try fixture.add("old\(index)", demand) }
        let late = try DatastoreFixture.demand("10.200.0.0/16")
        let adding = BackgroundCall { () -> [(container: String, revision: Int64)] in
            let client = try EtcdClient(connectionString: endpoint)
            var added: [(container: String, revision: Int64)] = []
            for index in 0..<300 {
                let before = try client.range(RangeRequest(.single("x")), deadline: DatastoreFixture.deadline())
                let request = DatastoreFixture.request("late\(index)", [late])
                _ = try EtcdDatastore(client).allocate(request, deadline: DatastoreFixture.deadline())
                added.append(("late\(index)", before.header?.revision ?? 0))
            }
            return added
        }
        let collection = collect()
        let bound = try #require(collection.revision)
        #expect(collection.errors.isEmpty)
        for (container, revision) in try adding.value() where revision >= bound {
            let prefix = KeySpace.attachmentPrefix(Attachment(containerID: container, interfaceName: "eth0"))
            #expect(try fixture.client.count(.prefix(Key(prefix)), deadline: DatastoreFixture.deadline()) == 1)
        }
        try fixture.expectConsistency()
    }

    /// Whatever the node's wall clock, which is put forward and back, says of the two.
    @Test(arguments: ["1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
    func whatWasMadeBehindTheBeginOfTheCallSurvives(time: String) throws {
        let before = NodeMoment(time: time, uptime: NodeMoment.now.uptime)
        _ = try fixture.add("c1", demand)
        let after = NodeMoment(time: time, uptime: NodeMoment.now.uptime)
        #expect(collect(createdBefore: before).released == 0)
        try fixture.expectConsistency()
        #expect(collect(createdBefore: after).released == 1)
    }

    /// What was made before the node was started again is old whatever its clock said, and what has no such time goes by the clock.
    @Test func whatWasMadeBeforeTheNodesStartIsReleased() throws {
        _ = try fixture.add("c1", demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        let found = try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        let text = String(decoding: found.value, as: UTF8.self)
        let boot = try #require(NodeMoment.currentBoot)
        for other in [text.replacing(boot, with: "another"), text.replacing(/"uptime":\{[^}]*\},/, with: "")] {
            #expect(other != text)
            let record = try AllocationRecord(JSONObject(parsing: Array(other.utf8)))
            #expect(record.moment.precedes(DatastoreFixture.later))
        }
        let ahead = text.replacing(boot, with: "another").replacing(/"created":"2/, with: "\"created\":\"9")
        #expect(ahead.contains("another") && ahead.contains(":\"9"))
        try fixture.client.put(PutRequest(key, [UInt8](ahead.utf8)), deadline: DatastoreFixture.deadline())
        // The first one finds that the index keys are older than the record, and repairs them.
        let collections = [collect(createdBefore: .now), collect(createdBefore: .now)]
        #expect(collections.map(\.released).reduce(0, +) == 1)
        try fixture.expectConsistency()
    }

    @Test func anEtcdThatIsDownEndsTheCollectionAtOnce() throws {
        _ = try fixture.add("c1", demand)
        fixture.etcd.stop()
        let collection = collect()
        #expect(collection.errors.count == 1)
        #expect(CNIError(collection)?.code == .tryAgainLater)
    }
}
