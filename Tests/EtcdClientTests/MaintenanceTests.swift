import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct MaintenanceTests {
    private func put(_ client: EtcdClient, _ value: String) throws -> ResponseHeader {
        try #require(try client.put(PutRequest("key", value), deadline: .far).header)
    }

    @Test func statusTellsHowTheMemberIs() throws {
        let server = try EtcdServer()
        let client = try server.client()
        let header = try put(client, "one")
        let status = try client.maintenance.status(deadline: .far)
        #expect(status.header.clusterID == header.clusterID)
        #expect(status.header.memberID == header.memberID)
        #expect(status.version == EtcdServer.version)
        #expect(status.databaseSize > 0)
        #expect((1...status.databaseSize).contains(status.databaseSizeInUse))
        #expect(status.leaderID == header.memberID)
        #expect(status.raftTerm == header.raftTerm)
        #expect(status.raftIndex > 0 && status.raftAppliedIndex > 0)
        #expect(status.errors.isEmpty)
        #expect(!status.isLearner)
        _ = try put(client, "two")
        #expect(try client.maintenance.status(deadline: .far).raftAppliedIndex > status.raftAppliedIndex)
    }

    @Test func unreachableMemberHasNoStatus() throws {
        let refusing = try RefusingPort()
        let client = try EtcdClient(.hasty(refusing.endpoint))
        let error = try #require(throws: EtcdError.self) { try client.maintenance.status(deadline: .far) }
        #expect(error.code == .unreachable)
        let defragmentation = try #require(throws: EtcdError.self) { try client.maintenance.defragment(deadline: .far) }
        #expect(defragmentation.code == .unreachable)
    }

    @Test func defragmentationShrinksTheDatabase() throws {
        let server = try EtcdServer()
        let client = try server.client()
        let value = [UInt8](repeating: 0x61, count: 1 << 20)
        for index in 0..<8 {
            try client.put(PutRequest(Key("large/\(index)"), value), deadline: .far)
        }
        let deleted = try client.deleteRange(DeleteRangeRequest(.prefix("large/")), deadline: .far)
        let revision = try #require(deleted.header).revision
        try client.compact(revision: revision, physical: true, deadline: .far)
        _ = try put(client, "kept")
        let before = try client.maintenance.status(deadline: .far)
        try client.maintenance.defragment(deadline: .far)
        let after = try client.maintenance.status(deadline: .far)
        #expect(after.databaseSize < before.databaseSize)
        #expect(try client.text("key") == "kept")
    }

    @Test func alarmIsListedAndDisarmed() throws {
        let server = try EtcdServer(arguments: ["--quota-backend-bytes", "1"])
        let client = try server.client()
        #expect(try client.maintenance.alarms(deadline: .far) == [])
        #expect(throws: EtcdError.self) { try put(client, "full") }
        let memberID = try client.maintenance.status(deadline: .far).header.memberID
        let alarm = Alarm(.noSpace, memberID: memberID)
        #expect(try client.maintenance.alarms(deadline: .far) == [alarm])
        #expect(try client.maintenance.status(deadline: .far).errors.contains { $0.contains("NOSPACE") })

        #expect(try !client.maintenance.disarm(Alarm(.corrupt, memberID: memberID), deadline: .far))
        #expect(try !client.maintenance.disarm(Alarm(.noSpace, memberID: memberID &+ 1), deadline: .far))
        #expect(try !client.maintenance.disarm(Alarm(.other(9), memberID: memberID), deadline: .far))
        #expect(try client.maintenance.alarms(deadline: .far) == [alarm])
        #expect(try client.maintenance.disarm(alarm, deadline: .far))
        #expect(try !client.maintenance.disarm(alarm, deadline: .far))
        #expect(try client.maintenance.alarms(deadline: .far) == [])
    }

    @Test func checksumIsOfARevision() throws {
        let server = try EtcdServer()
        let client = try server.client()
        let first = try put(client, "one")
        let hash = try client.maintenance.hashKV(deadline: .far)
        #expect(hash.header.memberID == first.memberID)
        #expect(hash.hash != 0)
        #expect(hash.compactRevision <= 0)
        let second = try put(client, "two")
        #expect(try client.maintenance.hashKV(deadline: .far).hash != hash.hash)
        #expect(try client.maintenance.hashKV(revision: first.revision, deadline: .far).hash == hash.hash)

        try client.compact(revision: second.revision, physical: true, deadline: .far)
        #expect(try client.maintenance.hashKV(deadline: .far).compactRevision == second.revision)
        let past = try #require(throws: EtcdError.self) {
            try client.maintenance.hashKV(revision: first.revision, deadline: .far)
        }
        #expect(past.code == .server(.compacted))
        let future = try #require(throws: EtcdError.self) {
            try client.maintenance.hashKV(revision: second.revision + 1, deadline: .far)
        }
        #expect(future.code == .server(.futureRevision))
    }

    @Test func leadCanNotGoToWhatIsNoMember() throws {
        let server = try EtcdServer()
        let error = try #require(throws: EtcdError.self) {
            try server.client().maintenance.moveLeader(to: 4711, deadline: .far)
        }
        #expect(error.code == .server(.badLeaderTransferee))
    }
}
