import TestSupport
import Testing

@testable import EtcdClient

/// What the answers of the services but KV are read as; `ProtobufDecodingTests` has what is malformed.
@Suite struct ResponseDecodingTests {
    private typealias Bytes = ProtobufBytes

    private let header = ResponseHeader(clusterID: 10, memberID: 11, revision: 12, raftTerm: 13)

    private func read<Response: ProtobufDecodable>(_: Response.Type, _ bytes: [UInt8]) throws -> Response {
        try Response(payload: bytes.span)
    }

    @Test func leaseIsRead() throws {
        let granted = try read(LeaseGrantResponse.self, ResponseBytes.leaseGrant)
        #expect(granted == LeaseGrantResponse(header: header, id: 21, timeToLive: 22))
        let timeToLive = try read(LeaseTimeToLiveResponse.self, ResponseBytes.leaseTimeToLive)
        let keys: [Key] = ["a", Key([0, 1])]
        #expect(timeToLive == LeaseTimeToLiveResponse(header: header, id: 21, remaining: 20, granted: 22, keys: keys))
        #expect(try read(LeaseLeasesResponse.self, ResponseBytes.leases).ids == [21, 23])
    }

    @Test func leaseThatWasNotGrantedIsMalformed() {
        let message = Bytes.header + Bytes.field(4, Array("no".utf8))
        #expect(throws: MalformedReply(reason: "it grants no lease")) { try read(LeaseGrantResponse.self, message) }
    }

    @Test func memberIsRead() throws {
        let member = Member(
            id: 31,
            name: "one",
            peerURLs: ["http://p:1", "http://p:2"],
            clientURLs: ["http://c:1"],
            isLearner: true
        )
        let added = try read(MemberAddResponse.self, ResponseBytes.memberAdd)
        #expect(added == MemberAddResponse(header: header, member: member, members: [member, member]))
        let unstarted = Member(id: 32, name: "", peerURLs: [], clientURLs: [], isLearner: false)
        #expect(try read(MembersResponse.self, ResponseBytes.members).members == [member, unstarted])
    }

    @Test func additionWithoutTheMemberIsMalformed() {
        #expect(throws: MalformedReply(reason: "it lacks the new member")) {
            try read(MemberAddResponse.self, Bytes.header)
        }
    }

    @Test func statusIsRead() throws {
        let status = StatusResponse(
            header: header,
            version: "3.5.1",
            databaseSize: 41,
            databaseSizeInUse: 46,
            leaderID: 42,
            raftIndex: 43,
            raftTerm: 44,
            raftAppliedIndex: 45,
            errors: ["ill", "worse"],
            isLearner: true
        )
        #expect(try read(StatusResponse.self, ResponseBytes.status) == status)
        #expect(try read(StatusResponse.self, Bytes.header).leaderID == nil)
    }

    @Test func alarmAndChecksumAreRead() throws {
        let alarms = [
            Alarm(.noSpace, memberID: 51), Alarm(.corrupt, memberID: 52), Alarm(.other(9), memberID: 53),
        ]
        #expect(try read(AlarmResponse.self, ResponseBytes.alarm).alarms == alarms)
        let hash = HashKVResponse(header: header, hash: 0xffff_fff0, compactRevision: 61)
        #expect(try read(HashKVResponse.self, ResponseBytes.hashKV) == hash)
    }

    @Test func authenticationIsRead() throws {
        #expect(try read(AuthenticateResponse.self, ResponseBytes.authenticate).token.revealed == "token.7")
        let status = AuthStatusResponse(header: header, isEnabled: true, revision: 71)
        #expect(try read(AuthStatusResponse.self, ResponseBytes.authStatus) == status)
        #expect(try read(AuthNamesResponse.self, ResponseBytes.authNames).names == ["root", "a\0b"])
        let permissions = [
            Permission(.read, of: .single("a")), Permission(.write, of: .range("b", upTo: "c")),
            Permission(.readWrite, of: .from("d")),
        ]
        #expect(try read(AuthRoleGetResponse.self, ResponseBytes.authRoleGet).permissions == permissions)
    }

    @Test func authenticationWithoutTokenAndPermissionOfNoKnownKindAreMalformed() {
        #expect(throws: MalformedReply(reason: "it lacks the token")) {
            try read(AuthenticateResponse.self, Bytes.header)
        }
        let message = Bytes.header + Bytes.field(2, Bytes.field(1, 3))
        #expect(throws: MalformedReply(reason: "a permission is of no known kind")) {
            try read(AuthRoleGetResponse.self, message)
        }
    }

    @Test func answerThatEtcdLeavesEmptyMayBeEmptyButNotAnything() throws {
        for bytes in [[], Bytes.header] {
            _ = try read(EmptyResponse.self, bytes)
            #expect(try read(AlarmResponse.self, bytes).alarms == [])
        }
        for bytes in [Array("<html>".utf8), [0xff], Bytes.field(1, 1), Array(ResponseBytes.alarm.dropLast())] {
            #expect(throws: MalformedReply.self) { try read(AlarmResponse.self, bytes) }
        }
        #expect(throws: MalformedReply.self) { try read(EmptyResponse.self, Array("<html>".utf8)) }
    }
}
