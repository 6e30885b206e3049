import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import Logging
import TestSupport
import Testing

@testable import Whereabouts

/// Pending releases, carried out on a real etcd.
@Suite(.timeLimit(.minutes(10))) struct JournalDrainTests {
    let fixture: DatastoreFixture
    let scratch: ScratchDirectory
    let journal: ReleaseJournal
    let demand: AllocationRequest.Demand
    let etcd: EtcdConfiguration

    init() throws {
        fixture = try DatastoreFixture()
        scratch = try ScratchDirectory("journal")
        journal = ReleaseJournal(directory: scratch.path("releases"))
        demand = try DatastoreFixture.demand("10.1.0.0/16")
        etcd = EtcdConfiguration(endpoints: try Endpoint.list(fixture.etcd.endpoint))
    }

    private func drain(_ etcd: EtcdConfiguration? = nil) -> JournalDrain {
        JournalDrain(
            journal: journal,
            client: .etcd(fixture.client),
            store: .etcd(etcd ?? self.etcd),
            logger: LogSettings(file: scratch.path("log"), level: .info).logger()
        )
    }

    private func log() -> String {
        FileManager.default.contents(atPath: scratch.path("log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func append(_ container: String, time: NodeMoment = .now) throws {
        let attachment = Attachment(containerID: container, interfaceName: "eth0")
        try journal.append(PendingRelease(attachment, network: "lab", time: time, store: PendingStore(etcd)))
    }

    private func setAside() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: journal.directory + "/set-aside")) ?? []
    }

    @Test func pendingReleasesFreeWhatTheirContainersHave() throws {
        let other = try DatastoreFixture.demand("fd00::/64")
        for index in 1...3 {
            _ = try fixture.add("c\(index)", demand, other)
        }
        try append("c1")
        try append("c3")
        try append("unknown")
        let outcome = drain().run(.full, deadline: DatastoreFixture.deadline())
        #expect(outcome == JournalDrain.Outcome(released: 4))
        #expect(try fixture.keys("address/").map { String($0.suffix(1)) } == ["2", "2"])
        #expect(!journal.mayHaveEntries)
        try fixture.expectConsistency()
    }

    /// The second line of defence: an ADD carries the releases of its own container out before it takes anything.
    @Test func addressesWaitAsTheirOwnNetworkHasIt() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        for (container, retention) in [("a", 0), ("b", 3600)] as [(String, Int64)] {
            _ = try fixture.add(container, pod: container, demand)
            let attachment = Attachment(containerID: container, interfaceName: "eth0")
            try journal.append(
                PendingRelease(attachment, network: "lab", time: .now, retention: retention, store: PendingStore(etcd))
            )
        }
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()).released == 2)
        #expect(try fixture.keys("address/") == ["address/default/ipv4/010.001.000.002"])
        try fixture.expectConsistency()
    }

    @Test func whatTheContainerGotLaterIsNotFreed() throws {
        _ = try fixture.add("c1", demand)
        try append("c1", time: NodeMoment(time: "2026-01-01T00:00:00Z"))
        let outcome = drain().run(.full, deadline: DatastoreFixture.deadline())
        #expect(outcome.released == 0)
        #expect(try fixture.keys("address/").count == 1)
        let name = try #require(setAside().first)
        #expect(log().contains("\(journal.directory)/set-aside/\(name)"))
        #expect(!journal.mayHaveEntries)
    }

    /// What an entry frees is what came before its DEL, whatever the node's wall clock was put to in between.
    @Test(arguments: ["1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
    func wallClockDecidesNothing(time: String) throws {
        let before = NodeMoment(time: time, uptime: NodeMoment.now.uptime)
        _ = try fixture.add("c1", demand)
        let after = NodeMoment(time: time, uptime: NodeMoment.now.uptime)
        try append("c1", time: before)
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()).released == 0)
        #expect(setAside().count == 1)
        try append("c1", time: after)
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()).released == 1)
    }

    /// An entry of a release that knew the wall clock only is to the second.
    @Test func whatTheContainerGotInTheSameSecondIsFreed() throws {
        _ = try fixture.add("c1", demand)
        let key = KeySpace.address("default", try IPAddress("10.1.0.1"))
        let record = try RecordCoding.record(
            try #require(try fixture.client.get(key, deadline: DatastoreFixture.deadline()))
        )
        try append("c1", time: NodeMoment(time: record.created))
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()).released == 1)
    }

    @Test func whatPassedToThePodsNextContainerIsNotFreed() throws {
        _ = try fixture.add("old", pod: "web-0", demand)
        _ = try fixture.add("new", pod: "web-0", demand)
        try append("old")
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()) == JournalDrain.Outcome())
        #expect(try fixture.keys("address/").count == 1)
        #expect(!journal.mayHaveEntries)
    }

    @Test func entriesOfAnotherClusterAreLeftAlone() throws {
        _ = try fixture.add("c1", demand)
        try append("c1")
        let elsewhere = EtcdConfiguration(endpoints: try Endpoint.list("127.0.0.1:1"))
        let outcome = drain(elsewhere).run(.full, deadline: DatastoreFixture.deadline())
        #expect(outcome == JournalDrain.Outcome(elsewhere: 1))
        let place = "127.0.0.1 port \(fixture.etcd.clientPort)"
        #expect(log().contains("pending releases are for another datastore"))
        #expect(log().contains(" count=1 endpoint=\(place)"), "\(log())")
        #expect(try journal.names().count == 1)
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()).released == 1)
    }

    @Test func aDamagedEntryIsSetAsideAndBlocksNoOther() throws {
        _ = try fixture.add("c1", demand)
        try append("c1")
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: journal.directory + "/pending/bad"))
        #expect(drain().run(.full, deadline: DatastoreFixture.deadline()) == JournalDrain.Outcome(released: 1))
        #expect(setAside() == ["bad"])
        #expect(log().contains("\(journal.directory)/set-aside/bad"))
    }

    @Test func anEntryThatFailsStaysAndBlocksNoOther() throws {
        for container in ["c1", "c2"] {
            _ = try fixture.add(container, demand)
            try append(container)
        }
        let key = Key(KeySpace.prefix + "attachment/c1/eth0/default/ipv4/010.001.000.001")
        try fixture.client.put(PutRequest(key, "garbage"), deadline: DatastoreFixture.deadline())
        let outcome = drain().run(.full, deadline: DatastoreFixture.deadline())
        #expect(outcome.released == 1)
        #expect(outcome.pending == 1)
        #expect(outcome.obstacles.first?.contains(key.description) == true)
        #expect(try journal.names().count == 1)
    }

    @Test func aCallDoesNoMoreThanItsShare() throws {
        for index in 0..<9 {
            _ = try fixture.add("c\(index)", demand)
            try append("c\(index)")
        }
        let limit = JournalDrain.Limit(entries: 5, time: .seconds(20))
        let first = drain().run(limit, deadline: DatastoreFixture.deadline())
        #expect(first == JournalDrain.Outcome(released: 5, pending: 4))
        #expect(drain().run(limit, deadline: DatastoreFixture.deadline()) == JournalDrain.Outcome(released: 4))
    }

    @Test func entriesOfAnotherClusterAreNoPartOfACallsShare() throws {
        _ = try fixture.add("c1", demand)
        let elsewhere = EtcdConfiguration(endpoints: try Endpoint.list("127.0.0.1:1"))
        for index in 0..<40 {
            let attachment = Attachment(containerID: "x\(index)", interfaceName: "eth0")
            try journal.append(PendingRelease(attachment, network: "lab", time: .now, store: PendingStore(elsewhere)))
        }
        try append("c1")
        let limit = JournalDrain.Limit(entries: 1, time: .seconds(20))
        let outcome = drain().run(limit, deadline: DatastoreFixture.deadline())
        #expect(outcome.released == 1)
        #expect(try journal.names().count == 40)
    }

    @Test func anEtcdThatIsDownLeavesAllPending() throws {
        for index in 0..<5 {
            _ = try fixture.add("c\(index)", demand)
            try append("c\(index)")
        }
        fixture.etcd.stop()
        let outcome = drain().run(.full, deadline: DatastoreFixture.deadline())
        #expect(outcome.pending == 5)
        #expect(try journal.names().count == 5)
    }

    @Test func severalProcessesAtOnceDoItOnce() throws {
        for index in 0..<40 {
            _ = try fixture.add("c\(index)", demand)
            try append("c\(index)")
        }
        let (journal, etcd) = (journal, etcd)
        let calls = (0..<4).map { _ in
            BackgroundCall {
                let drain = JournalDrain(
                    journal: journal,
                    client: .etcd(try EtcdClient(etcd)),
                    store: .etcd(etcd),
                    logger: LogSettings(file: nil, level: nil).logger()
                )
                return drain.run(.awaited, deadline: DatastoreFixture.deadline()).released
            }
        }
        #expect(try calls.map { try $0.value() }.reduce(0, +) == 40)
        #expect(try fixture.keys("address/").isEmpty)
        try fixture.expectConsistency()
    }
}
