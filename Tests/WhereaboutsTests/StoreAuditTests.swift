import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// What an audit finds wrong; that it finds nothing where nothing is wrong, many other suites show.
@Suite(.timeLimit(.minutes(10))) struct StoreAuditTests {
    private let fixture: DatastoreFixture
    private let domain = "default/ipv4/010.001.000.001"

    init() throws {
        fixture = try DatastoreFixture()
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        _ = try fixture.add("a", pod: "web-0", demand)
        _ = try fixture.add("b", pod: "web-1", demand)
    }

    private func audit(networkName: String? = nil) throws -> StoreAudit {
        try fixture.datastore.audit(networkName: networkName, deadline: DatastoreFixture.deadline())
    }

    private func put(_ key: String, _ value: String = "") throws {
        try fixture.client.put(PutRequest(Key(KeySpace.prefix + key), value), deadline: DatastoreFixture.deadline())
    }

    private func delete(_ key: String) throws {
        let range = DeleteRangeRequest(.single(Key(KeySpace.prefix + key)))
        #expect(try fixture.client.deleteRange(range, deadline: DatastoreFixture.deadline()).deleted == 1)
    }

    @Test func recordsAreListed() throws {
        let entries = try audit().entries
        #expect(entries.map(\.address.description) == ["10.1.0.1", "10.1.0.2"])
        #expect(entries.map(\.record.owner.containerID) == ["a", "b"])
        // By attachment, node and pod.
        #expect(try audit().indexKeyCount == 6)
        #expect(try audit(networkName: "").entries == entries)
        #expect(try audit(networkName: "other").entries.isEmpty)
    }

    @Test(arguments: ["attachment/a/eth0", "node/node-a", "pod/default/web-0/eth0"])
    func missingAndRewrittenIndexKeysAreFound(index: String) throws {
        let key = "\(index)/\(domain)"
        try put(key, "{}")
        let rewritten = "the key \(KeySpace.prefix)\(key) was written at another time than its record"
        #expect(try audit().inconsistencies == [rewritten])
        try delete(key)
        #expect(try audit().inconsistencies == ["the key \(KeySpace.prefix)\(key) is missing"])
    }

    @Test func indexKeysWithoutARecordAreFound() throws {
        try delete("address/\(domain)")
        let keys = ["attachment/a/eth0", "node/node-a", "pod/default/web-0/eth0"]
        #expect(
            try audit().inconsistencies == keys.map { "the key \(KeySpace.prefix)\($0)/\(domain) belongs to no record" }
        )
        #expect(try audit(networkName: "other").inconsistencies.isEmpty)
    }

    @Test func takenAddressThatIsMarkedAsFreeIsFound() throws {
        try put("free/\(domain)")
        #expect(try audit().inconsistencies == ["\(domain) is taken and marked as free"])
    }

    @Test func recordThatCanNotBeDecodedIsNamed() throws {
        try put("address/default/ipv4/010.001.000.009", "garbage")
        let found = try audit()
        #expect(found.inconsistencies.count == 1)
        #expect(found.inconsistencies.first?.contains("010.001.000.009") == true)
        #expect(found.entries.count == 2)
    }

    @Test func whatWaitsForItsPodHasOtherKeys() throws {
        try fixture.delete("a", retention: 3600)
        #expect(try audit().inconsistencies.isEmpty)
        #expect(try audit().entries.first?.record.retainedUntil != nil)
        let retained = try #require(try fixture.keys("retained/").first)
        try delete(retained)
        #expect(try audit().inconsistencies == ["the key \(KeySpace.prefix)\(retained) is missing"])
    }
}
