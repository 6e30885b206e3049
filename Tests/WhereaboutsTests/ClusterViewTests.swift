import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// Allocation whose first read is answered by a member that has fallen behind: what it shows must not decide anything.
@Suite(.enabled(if: Host.isRoot, "network namespaces need root"), .serialized, .timeLimit(.minutes(15)))
struct ClusterViewTests {
    /// A cluster in which a follower goes on believing in its leader for long, however silent that is.
    private let cluster: EtcdCluster
    private let follower: Int
    private let present: EtcdDatastore

    init() throws {
        cluster = try EtcdCluster(arguments: ["--election-timeout", "30000"])
        let leader = try cluster.waitForLeader()
        follower = (leader + 1) % 3
        present = EtcdDatastore(try Self.client(cluster, leader))
    }

    private static func client(_ cluster: EtcdCluster, _ members: Int...) throws -> EtcdClient {
        var configuration = EtcdConfiguration(endpoints: try members.map { try Endpoint(cluster.clientURLs[$0]) })
        configuration.endpointOrder = .asGiven
        configuration.requestTimeout = .seconds(1)
        configuration.retryTimeout = .seconds(30)
        return try EtcdClient(configuration)
    }

    /// Cuts the follower off, and returns a datastore that asks it first.
    private func past() throws -> EtcdDatastore {
        try cluster.isolate(follower, from: .peers)
        return EtcdDatastore(try Self.client(cluster, follower, (follower + 1) % 3, (follower + 2) % 3))
    }

    /// Expects that the follower does not know yet what the others do.
    private func expectPast() throws {
        func revision(_ member: Int) throws -> Int64 {
            let read = RangeRequest(.single("any"), consistency: .serializable)
            return try Self.client(cluster, member).range(read, deadline: DatastoreFixture.deadline()).header?.revision
                ?? 0
        }
        #expect(try revision(follower) < revision((follower + 2) % 3))
    }

    private func add(_ container: String, _ range: String, to datastore: EtcdDatastore) throws -> [String] {
        let request = DatastoreFixture.request(container, [try DatastoreFixture.demand(range)])
        return try datastore.allocate(request, deadline: .after(.seconds(60))).map(\.address.description)
    }

    private func delete(_ container: String, from datastore: EtcdDatastore) throws -> Int {
        try datastore.release(Attachment(containerID: container, interfaceName: "eth0"), deadline: .after(.seconds(60)))
    }

    @Test func whatWasTakenMeanwhileIsNotGivenOutAgain() throws {
        #expect(try add("a", "10.20.0.0/24", to: present) == ["10.20.0.1/24"])
        let past = try past()
        #expect(try add("b", "10.20.0.0/24", to: present) == ["10.20.0.2/24"])
        try expectPast()
        #expect(try add("c", "10.20.0.0/24", to: past) == ["10.20.0.3/24"])
        #expect(try add("b", "10.20.0.0/24", to: past) == ["10.20.0.2/24"])
    }

    @Test func rangeThatWasFullIsLookedAtOnceMore() throws {
        for container in ["a", "b"] { _ = try add(container, "10.20.0.0/30", to: present) }
        let past = try past()
        #expect(try delete("a", from: present) == 1)
        try expectPast()
        #expect(try add("c", "10.20.0.0/30", to: past) == ["10.20.0.1/30"])
    }

    @Test func whatAnOwnerHadAndLostMeanwhileIsNotReturnedToIt() throws {
        #expect(try add("a", "10.20.0.0/24", to: present) == ["10.20.0.1/24"])
        let past = try past()
        #expect(try delete("a", from: present) == 1)
        #expect(try add("b", "10.20.0.0/24", to: present) == ["10.20.0.1/24"])
        try expectPast()
        #expect(try add("a", "10.20.0.0/24", to: past) == ["10.20.0.2/24"])
    }

    @Test func releaseFindsWhatWasAllocatedMeanwhile() throws {
        let past = try past()
        #expect(try add("a", "10.20.0.0/24", to: present) == ["10.20.0.1/24"])
        try expectPast()
        #expect(try delete("a", from: past) == 1)
        #expect(try add("b", "10.20.0.0/24", to: present) == ["10.20.0.1/24"])
    }
}
