import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

@Suite struct ProtobufDecodingTests {
    private typealias Bytes = ProtobufBytes

    private static let keyValue =
        Bytes.field(1, Array("key".utf8)) + Bytes.field(2, 3) + Bytes.field(3, 4) + Bytes.field(4, 5)
        + Bytes.field(5, [0, 0xff]) + Bytes.field(6, 7)
    private static let range = Bytes.header + Bytes.field(2, keyValue) + Bytes.field(3, 1) + Bytes.field(4, 9)
    private static let put = Bytes.header + Bytes.field(2, keyValue)
    private static let deleteRange = Bytes.header + Bytes.field(2, 1) + Bytes.field(3, keyValue)
    private static let txn =
        Bytes.header + Bytes.field(2, 1) + Bytes.field(3, Bytes.field(1, range)) + Bytes.field(3, Bytes.field(2, put))
        + Bytes.field(3, Bytes.field(3, deleteRange)) + Bytes.field(3, Bytes.field(4, nestedTxn))
    private static let nestedTxn = Bytes.field(3, Bytes.field(2, put))

    /// The kinds of response, with a decoder and a well-formed message of each.
    enum Kind: CaseIterable {
        case range, put, deleteRange, txn
        case header, leaseGrant, leaseTimeToLive, leases, memberAdd, members, status, hashKV
        case authenticate, authStatus, authNames, authRoleGet

        var message: [UInt8] {
            switch self {
            case .range: ProtobufDecodingTests.range
            case .put: ProtobufDecodingTests.put
            case .deleteRange: ProtobufDecodingTests.deleteRange
            case .txn: ProtobufDecodingTests.txn
            case .header: Bytes.header
            case .leaseGrant: ResponseBytes.leaseGrant
            case .leaseTimeToLive: ResponseBytes.leaseTimeToLive
            case .leases: ResponseBytes.leases
            case .memberAdd: ResponseBytes.memberAdd
            case .members: ResponseBytes.members
            case .status: ResponseBytes.status
            case .hashKV: ResponseBytes.hashKV
            case .authenticate: ResponseBytes.authenticate
            case .authStatus: ResponseBytes.authStatus
            case .authNames: ResponseBytes.authNames
            case .authRoleGet: ResponseBytes.authRoleGet
            }
        }

        func decode(_ bytes: [UInt8]) throws -> any ProtobufDecodable {
            switch self {
            case .range: try RangeResponse(payload: bytes.span)
            case .put: try PutResponse(payload: bytes.span)
            case .deleteRange: try DeleteRangeResponse(payload: bytes.span)
            case .txn: try TxnResponse(payload: bytes.span)
            case .header: try HeaderResponse(payload: bytes.span)
            case .leaseGrant: try LeaseGrantResponse(payload: bytes.span)
            case .leaseTimeToLive: try LeaseTimeToLiveResponse(payload: bytes.span)
            case .leases: try LeaseLeasesResponse(payload: bytes.span)
            case .memberAdd: try MemberAddResponse(payload: bytes.span)
            case .members: try MembersResponse(payload: bytes.span)
            case .status: try StatusResponse(payload: bytes.span)
            case .hashKV: try HashKVResponse(payload: bytes.span)
            case .authenticate: try AuthenticateResponse(payload: bytes.span)
            case .authStatus: try AuthStatusResponse(payload: bytes.span)
            case .authNames: try AuthNamesResponse(payload: bytes.span)
            case .authRoleGet: try AuthRoleGetResponse(payload: bytes.span)
            }
        }
    }

    private func expect(_ keyValue: KeyValue?) {
        #expect(keyValue?.key == "key")
        #expect(keyValue?.value == [0, 0xff])
        #expect(keyValue?.createRevision == 3)
        #expect(keyValue?.modRevision == 4)
        #expect(keyValue?.version == 5)
        #expect(keyValue?.lease == 7)
    }

    @Test func everyFieldIsRead() throws {
        let range = try RangeResponse(payload: Self.range.span)
        #expect(range.header == ResponseHeader(clusterID: 10, memberID: 11, revision: 12, raftTerm: 13))
        #expect(range.hasMore && range.count == 9 && range.keyValues.count == 1)
        expect(range.keyValues.first)
        expect(try PutResponse(payload: Self.put.span).previous)
        let deleteRange = try DeleteRangeResponse(payload: Self.deleteRange.span)
        #expect(deleteRange.deleted == 1)
        expect(deleteRange.previous.first)

        let txn = try TxnResponse(payload: Self.txn.span)
        #expect(txn.succeeded)
        guard txn.results.count == 4, case .range(range) = txn.results[0], case .put = txn.results[1],
            case .deleteRange(deleteRange) = txn.results[2], case .txn(let nested) = txn.results[3]
        else {
            Issue.record("\(txn)")
            return
        }
        #expect(nested.header == nil)
        #expect(!nested.succeeded)
        #expect(nested.results.count == 1)
    }

    @Test(arguments: Kind.allCases)
    func nothingIsNoAnswer(kind: Kind) {
        #expect(throws: MalformedReply.self) { try kind.decode([]) }
    }

    @Test(arguments: Kind.allCases)
    func answerWithoutHeaderIsMalformed(kind: Kind) {
        let rest = Array(kind.message.dropFirst(Bytes.header.count))
        #expect(throws: MalformedReply(reason: "it lacks the header that every answer of etcd has")) {
            try kind.decode(rest)
        }
        #expect(throws: MalformedReply.self) { try kind.decode(Bytes.field(100, [1, 2, 3])) }
    }

    @Test(arguments: Kind.allCases)
    func otherKindsOfBytesAreMalformed(kind: Kind) {
        for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", "<html></html>", "{\"header\":{}}", "\0", "\u{7f}"] {
            #expect(throws: MalformedReply.self, "\(text)") { try kind.decode(Array(text.utf8)) }
        }
    }

    @Test(arguments: Kind.allCases)
    func messageCutShortIsNeverWhole(kind: Kind) throws {
        let whole = kind.message
        // A cut between two fields leaves a message that lacks some; gRPC tells the length of a message beforehand.
        for count in 0..<Bytes.header.count {
            #expect(throws: MalformedReply.self, "\(count)") { try kind.decode(Array(whole.prefix(count))) }
        }
        var broken = 0
        for count in whole.indices where (try? kind.decode(Array(whole.prefix(count)))) == nil {
            broken += 1
        }
        #expect(broken > whole.count / 2)
        _ = try kind.decode(whole)
    }

    @Test(
        arguments: [
            [], Bytes.field(5, []), Bytes.field(100, 1), Bytes.field(1, 1),
        ] as [[UInt8]]
    )
    func resultOfNoKnownKindIsMalformed(operation: [UInt8]) {
        let message = Bytes.header + Bytes.field(2, 1) + Bytes.field(3, operation)
        #expect(throws: MalformedReply.self) { try TxnResponse(payload: message.span) }
        let nested = Bytes.header + Bytes.field(3, Bytes.field(4, Bytes.field(3, operation)))
        #expect(throws: MalformedReply.self) { try TxnResponse(payload: nested.span) }
    }

    @Test func fieldsOfLaterVersionsAreIgnored() throws {
        let message = Self.range + Bytes.field(100, 1) + Bytes.field(101, [1, 2])
        #expect(try RangeResponse(payload: message.span) == RangeResponse(payload: Self.range.span))
    }

    @Test(arguments: Kind.allCases, UInt64(0)..<4)
    func randomBytesAreNeverAnAnswer(kind: Kind, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...64, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Bytes that begin with a header by chance would be one.
            guard bytes.first != Bytes.header[0] else { continue }
            #expect(throws: MalformedReply.self, "\(bytes)") { try kind.decode(bytes) }
        }
    }

    @Test(arguments: Kind.allCases, UInt64(0)..<4)
    func messageWithBytesChangedDoesNoHarm(kind: Kind, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            var bytes = kind.message
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            // Either is right; the sanitizers watch.
            _ = try? kind.decode(bytes)
        }
    }
}
