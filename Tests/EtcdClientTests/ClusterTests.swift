import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct ClusterTests {
    /// So slow that two members on a machine with much to do stay with their leader.
    private static let pace = ["--heartbeat-interval", "100", "--election-timeout", "2000"]

    /// Calls again while it fails in the way that passes by itself.
    private func retry<Response>(
        while code: EtcdError.Code,
        _ call: () throws -> Response
    ) throws -> Response {
        let limit = Deadline.far
        while true {
            let result = Result(catching: call)
            guard case .failure(let error as EtcdError) = result, error.code == code, !limit.hasPassed else {
                return try result.get()
            }
        }
    }

    @Test(arguments: [RangeRequest.Consistency.linearizable, .serializable])
    func singleMemberIsListed(consistency: RangeRequest.Consistency) throws {
        let server = try EtcdServer()
        let client = try server.client()
        let members = try client.cluster.members(consistency: consistency, deadline: .far)
        #expect(members.count == 1)
        let member = try #require(members.first)
        #expect(try client.maintenance.status(deadline: .far).header.memberID == member.id)
        #expect(member.name == "test")
        #expect(member.clientURLs == ["http://\(server.endpoint)"])
        #expect(member.peerURLs.count == 1)
        #expect(!member.isLearner)
    }

    @Test func changesThatCanNotBeAreRefused() throws {
        let server = try EtcdServer()
        let client = try server.client()
        let first = try #require(try client.cluster.members(deadline: .far).first)

        func expect(_ expected: EtcdServerError, _ call: (ClusterService) throws(EtcdError) -> Void) throws {
            let error = try #require(throws: EtcdError.self) { try call(client.cluster) }
            #expect(error.code == .server(expected))
        }
        try expect(.memberNotFound) { cluster throws(EtcdError) in
            try cluster.removeMember(4711, deadline: .far)
        }
        try expect(.memberNotFound) { cluster throws(EtcdError) in
            try cluster.updateMember(4711, peerURLs: ["http://127.0.0.1:1"], deadline: .far)
        }
        try expect(.memberNotFound) { cluster throws(EtcdError) in
            try cluster.promoteMember(4711, deadline: .far)
        }
        try expect(.memberNotLearner) { cluster throws(EtcdError) in
            try cluster.promoteMember(first.id, deadline: .far)
        }
        try expect(.peerURLExists) { cluster throws(EtcdError) in
            _ = try cluster.addMember(peerURLs: first.peerURLs, asLearner: true, deadline: .far)
        }
        for urls in [["127.0.0.1"], ["http://127.0.0.1:1/path\0"]] {
            try expect(.badMemberURLs) { cluster throws(EtcdError) in
                _ = try cluster.addMember(peerURLs: urls, asLearner: true, deadline: .far)
            }
        }
        #expect(try client.cluster.members(deadline: .far) == [first])
    }

    @Test func learnerThatNeverStartedIsUpdatedAndRemoved() throws {
        let server = try EtcdServer()
        let client = try server.client()
        let first = try #require(try client.cluster.members(deadline: .far).first)
        let added = try client.cluster.addMember(
            peerURLs: ["http://127.0.0.1:1", "http://127.0.0.1:2"],
            asLearner: true,
            deadline: .far
        )
        #expect(added.member.name.isEmpty && added.member.clientURLs.isEmpty)
        #expect(added.member.isLearner)
        #expect(Set(added.members) == [first, added.member])

        let second = try #require(throws: EtcdError.self) {
            try client.cluster.addMember(peerURLs: ["http://127.0.0.1:3"], asLearner: true, deadline: .far)
        }
        #expect(second.code == .server(.tooManyLearners))
        let early = try #require(throws: EtcdError.self) {
            try client.cluster.promoteMember(added.member.id, deadline: .far)
        }
        #expect(early.code == .server(.learnerNotReady))

        let updated = try client.cluster.updateMember(added.member.id, peerURLs: ["http://127.0.0.1:3"], deadline: .far)
        #expect(updated.first { $0.id == added.member.id }?.peerURLs == ["http://127.0.0.1:3"])
        #expect(try client.cluster.removeMember(added.member.id, deadline: .far) == [first])
        #expect(try client.cluster.members(deadline: .far) == [first])
    }

    @Test func learnerJoinsIsPromotedLeadsAndIsRemoved() throws {
        let server = try EtcdServer(arguments: Self.pace)
        let client = try EtcdClient(.hasty(server.endpoint))
        try client.put(PutRequest("key", "value"), deadline: .far)
        let first = try #require(try client.cluster.members(deadline: .far).first)
        let joining = try JoiningMember()
        let id = try client.cluster.addMember(peerURLs: [joining.peerURL], asLearner: true, deadline: .far).member.id
        try joining.start(besides: first.peerURLs[0], arguments: Self.pace)

        let promoted = try retry(while: .server(.learnerNotReady)) {
            try client.cluster.promoteMember(id, deadline: .far)
        }
        #expect(promoted.map(\.isLearner) == [false, false])
        let second = try EtcdClient(.hasty(joining.endpoint))
        #expect(try retry(while: .unreachable) { try second.get("key", deadline: .far) } != nil)
        let member = try #require(try client.cluster.members(deadline: .far).first { $0.id == id })
        #expect(member.name == "second")
        #expect(member.clientURLs == ["http://\(joining.endpoint)"])
        #expect(try second.maintenance.status(deadline: .far).header.memberID == id)

        // There and back again.
        for (leader, follower, next) in [(client, second, id), (second, client, first.id)] {
            let refused = try #require(throws: EtcdError.self) {
                try follower.maintenance.moveLeader(to: next, deadline: .far)
            }
            #expect(refused.code == .server(.notLeader))
            try leader.maintenance.moveLeader(to: next, deadline: .far)
            let limit = Deadline.far
            while try follower.maintenance.status(deadline: limit).leaderID != next {}
            #expect(try leader.maintenance.status(deadline: .far).leaderID == next)
        }
        // A client of both finds the one that leads.
        let both = try EtcdClient(.hasty(joining.endpoint, server.endpoint))
        for next in [id, first.id] {
            try both.maintenance.moveLeader(to: next, deadline: .far)
            #expect(try both.maintenance.status(deadline: .far).leaderID == next)
        }

        // etcd lets no member go before those that stay have been connected for some seconds.
        let rest = try retry(while: .server(.unhealthy)) { try client.cluster.removeMember(id, deadline: .far) }
        #expect(rest.map(\.id) == [first.id])
        #expect(try client.text("key") == "value")
    }

    @Test func learnerTellsItsStatusAndServesNothingElse() throws {
        let server = try EtcdServer(arguments: Self.pace)
        let client = try server.client()
        let first = try #require(try client.cluster.members(deadline: .far).first)
        let joining = try JoiningMember()
        let id = try client.cluster.addMember(peerURLs: [joining.peerURL], asLearner: true, deadline: .far).member.id
        try joining.start(besides: first.peerURLs[0], arguments: Self.pace)
        let learner = try EtcdClient(.hasty(joining.endpoint))
        let limit = Deadline.far
        while (try? learner.maintenance.status(deadline: .far))?.leaderID == nil, !limit.hasPassed {}
        let status = try learner.maintenance.status(deadline: .far)
        #expect(status.isLearner)
        #expect(status.header.memberID == id)
        #expect(status.leaderID == first.id)
        let error = try #require(throws: EtcdError.self) { try learner.get("key", deadline: .far) }
        #expect(error.code == .server(.notSupportedForLearner))
    }
}
