import EtcdClient
import EtcdLab
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
        return ClaimTxn(request, view, Holdings(request, view), candidates).txn
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
}
