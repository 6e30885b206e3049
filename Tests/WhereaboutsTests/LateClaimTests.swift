import EtcdClient
import EtcdLab
import Foundation
import IPAM
import TestSupport
import Testing

@testable import Whereabouts

/// Claims that a member has held back, and proposes when their owner is gone.
@Suite(.timeLimit(.minutes(10))) struct LateClaimTests {
    private let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    /// A claim as a member may hold it back: built, and not committed.
    private func claim(_ container: String, _ demand: AllocationRequest.Demand) throws -> Txn {
        let request = DatastoreFixture.request(container, [demand])
        let reader = StoreViewReader(request)
        let response = try fixture.client.commit(
            Txn(then: reader.operations(.linearizable)),
            deadline: DatastoreFixture.deadline()
        )
        let view = try reader.view(response.results, revision: try #require(response.header).revision, isCurrent: true)
        let candidates = [view.pools[0].candidates(limit: 16)]
        return ClaimTxn(request, view, Holdings(request, view), candidates, nil).txn
    }

    @Test func claimThatIsAppliedBehindTheReleaseClaimsNothing() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let late = try claim("a", demand)
        // The ADD's write is lost on its way, so it makes another one; then the container is deleted.
        let proxy = try TCPProxy(to: fixture.etcd.clientPort, .loseSecondReply, .forward)
        let datastore = EtcdDatastore(try EtcdClient(connectionString: proxy.endpoint))
        let given = try datastore.allocate(
            DatastoreFixture.request("a", [demand]),
            deadline: DatastoreFixture.deadline()
        )
        #expect(given.count == 1)
        #expect(try fixture.delete("a") == 1)
        _ = try fixture.client.commit(late, deadline: DatastoreFixture.deadline())
        #expect(try fixture.keys("address/").isEmpty)
        #expect(try fixture.add("b", demand) == ["10.1.0.1/24"])
        try fixture.expectConsistency()
    }

    @Test func claimOfAnAddThatWasGivenUpClaimsNothingBehindTheDelete() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let late = try claim("a", demand)
        #expect(try fixture.delete("a") == 0)
        _ = try fixture.client.commit(late, deadline: DatastoreFixture.deadline())
        #expect(try fixture.keys("address/").isEmpty)
        // The container itself may come back.
        #expect(try fixture.add("a", demand) == ["10.1.0.1/24"])
        try fixture.expectConsistency()
    }

    // MARK: - A fence stands, or nothing is built on it

    @Test func addWhoseFenceIsLostTooMakesItAnew() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let late = try claim("a", demand)
        // First the claim is lost, then twice what would fence it.
        let proxy = try TCPProxy(to: fixture.etcd.clientPort, .loseSecondReply, .loseRequest, .loseReply, .forward)
        let datastore = EtcdDatastore(try EtcdClient(connectionString: proxy.endpoint))
        _ = try datastore.allocate(DatastoreFixture.request("a", [demand]), deadline: .after(.seconds(60)))
        #expect(try fixture.keys("fence/") == ["fence/a/eth0"])
        #expect(try fixture.delete("a") == 1)
        _ = try fixture.client.commit(late, deadline: DatastoreFixture.deadline())
        #expect(try fixture.keys("address/").isEmpty)
    }

    @Test func addWithoutAFenceMakesNoOtherClaim() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let proxy = try TCPProxy(to: fixture.etcd.clientPort, .loseSecondReply, .silence)
        let datastore = EtcdDatastore(try EtcdClient(connectionString: proxy.endpoint))
        let before = try fixture.etcd.startedCalls("Txn")
        let error = try #require(throws: DatastoreError.self) {
            try datastore.allocate(DatastoreFixture.request("a", [demand]), deadline: .after(.seconds(8)))
        }
        #expect(error.isUnavailability)
        // A read and a claim.
        #expect(try fixture.etcd.startedCalls("Txn") - before == 2)
    }

    /// Then the plugin keeps it in its journal.
    @Test func deleteWithoutAFenceIsNotDone() throws {
        let proxy = try TCPProxy(to: fixture.etcd.clientPort, .loseSecondReply, .silence)
        let datastore = EtcdDatastore(try EtcdClient(connectionString: proxy.endpoint))
        let error = try #require(throws: DatastoreError.self) {
            try datastore.release(
                Attachment(containerID: "a", interfaceName: "eth0"),
                deadline: .after(.seconds(8))
            )
        }
        #expect(error.isUnavailability)
    }

    @Test func claimBesideADeleteIsReleasedOrRefused() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let endpoint = fixture.etcd.endpoint
        for round in 0..<150 {
            let late = try claim("c\(round)", demand)
            let delete = BackgroundCall {
                let datastore = EtcdDatastore(try EtcdClient(connectionString: endpoint))
                let attachment = Attachment(containerID: "c\(round)", interfaceName: "eth0")
                return try datastore.release(attachment, deadline: .after(.seconds(60)))
            }
            // At another moment of it each time, most of them while it lists, fences, and ends.
            usleep(UInt32(round % 50) * 100)
            let isApplied = try fixture.client.commit(late, deadline: DatastoreFixture.deadline()).succeeded
            let released = try delete.value()
            #expect(released == 0 || isApplied)
            #expect(try fixture.keys("address/").isEmpty, "round \(round)")
        }
        try fixture.expectConsistency()
    }

    @Test func addThatIsStillUnderWayWhenItsContainerIsDeletedTakesNothing() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let endpoint = fixture.etcd.endpoint
        let before = try fixture.etcd.startedCalls("Txn")
        let adding = BackgroundCall {
            let datastore = EtcdDatastore(try EtcdClient(connectionString: endpoint))
            let request = DatastoreFixture.request("a", [demand], policy: AllocationPolicy(raceDelay: .seconds(2)))
            return try datastore.allocate(request, deadline: .after(.seconds(60)))
        }
        let limit = Deadline.after(.seconds(60))
        // It has read when etcd has been asked.
        while try fixture.etcd.startedCalls("Txn") == before, !limit.hasPassed { usleep(10_000) }
        #expect(try fixture.delete("a") == 0)
        let error = try #require(throws: DatastoreError.self) { try adding.value() }
        #expect(error == .deleted(Attachment(containerID: "a", interfaceName: "eth0")))
        #expect(try fixture.keys("address/").isEmpty)
        // One that begins behind the DEL is another matter.
        #expect(try fixture.add("a", demand) == ["10.1.0.1/24"])
        try fixture.expectConsistency()
    }

    /// As an ADD that waited for something else before it came to allocate.
    @Test func addThatBeganBeforeTheDeleteTakesNothing() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let begin = NodeMoment.now
        #expect(try fixture.delete("a") == 0)
        func add(_ begin: NodeMoment) throws -> Int {
            try fixture.datastore.allocate(
                DatastoreFixture.request("a", [demand]),
                begin: begin,
                deadline: DatastoreFixture.deadline()
            ).count
        }
        #expect(throws: DatastoreError.deleted(Attachment(containerID: "a", interfaceName: "eth0"))) { try add(begin) }
        // A release of an earlier DEL that was pending until now hides nothing.
        let early = begin.uptime.map { NodeMoment.Uptime(boot: $0.boot, nanoseconds: 0) }
        _ = try fixture.datastore.release(
            Attachment(containerID: "a", interfaceName: "eth0"),
            createdUntil: NodeMoment(time: "2020-01-01T00:00:00Z", uptime: early),
            deadline: DatastoreFixture.deadline()
        )
        #expect(throws: DatastoreError.self) { try add(begin) }
        #expect(try add(NodeMoment.now) == 1)
    }

    @Test func pendingReleaseEndsAnAddThatIsOlder() throws {
        let demand = try DatastoreFixture.demand("10.1.0.0/24")
        let begin = NodeMoment.now
        let attachment = Attachment(containerID: "a", interfaceName: "eth0")
        _ = try fixture.datastore.release(
            attachment,
            createdUntil: .now,
            deadline: DatastoreFixture.deadline()
        )
        #expect(throws: DatastoreError.deleted(attachment)) {
            try fixture.datastore.allocate(
                DatastoreFixture.request("a", [demand]),
                begin: begin,
                deadline: DatastoreFixture.deadline()
            )
        }
    }

    @Test func fencesShareLeases() throws {
        for _ in 0..<5 { #expect(try fixture.delete("a") == 0) }
        #expect(try fixture.client.lease.leases(deadline: DatastoreFixture.deadline()).count == 1)
        let moment: Int64 = 1_800_000_000
        let ids = Set(
            (0..<10_000).map { FenceLease(Attachment(containerID: "c\($0)", interfaceName: "eth0"), now: moment).id }
        )
        #expect(ids.count == 64)
        let later = FenceLease(Attachment(containerID: "c0", interfaceName: "eth0"), now: moment + 600).id
        #expect(!ids.contains(later))
    }
}
