import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct ServerErrorTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    /// Calls that the server refuses, and what it refuses them with.
    enum Refusal: CaseIterable {
        case tooManyOperations, duplicateKey, emptyKeyRead, emptyKeyWritten, emptyKeyInTransaction, valueOfAbsentKey
        case unknownLease, futureRevision, requestTooLarge, keyPutInBothOfNestedAndOuter

        var expected: EtcdServerError {
            switch self {
            case .tooManyOperations: .tooManyOperations
            case .duplicateKey, .keyPutInBothOfNestedAndOuter: .duplicateKey
            case .emptyKeyRead, .emptyKeyWritten, .emptyKeyInTransaction: .emptyKey
            case .valueOfAbsentKey: .keyNotFound
            case .unknownLease: .leaseNotFound
            case .futureRevision: .futureRevision
            case .requestTooLarge: .requestTooLarge
            }
        }

        func call(_ client: EtcdClient) throws(EtcdError) {
            let put = TxnOperation.put(PutRequest("refused", "a"))
            switch self {
            case .tooManyOperations:
                let puts = (0..<129).map { TxnOperation.put(PutRequest(Key("refused/\($0)"), "a")) }
                _ = try client.commit(Txn(then: puts), deadline: .far)
            case .duplicateKey:
                _ = try client.commit(Txn(then: [put, put]), deadline: .far)
            case .keyPutInBothOfNestedAndOuter:
                _ = try client.commit(Txn(then: [put, .txn(Txn(else: [put]))]), deadline: .far)
            case .emptyKeyRead:
                _ = try client.get("", deadline: .far)
            case .emptyKeyWritten:
                try client.put(PutRequest("", "a"), deadline: .far)
            case .emptyKeyInTransaction:
                _ = try client.commit(Txn(if: [.isAbsent("")], then: [put]), deadline: .far)
            case .valueOfAbsentKey:
                try client.put(PutRequest("refused", nil as [UInt8]?), deadline: .far)
            case .unknownLease:
                try client.put(PutRequest("refused", "a", lease: 4711), deadline: .far)
            case .futureRevision:
                var request = RangeRequest(.single("refused"))
                request.revision = 1_000_000
                _ = try client.range(request, deadline: .far)
            case .requestTooLarge:
                try client.put(PutRequest("refused", Array(repeating: 0x61, count: 1_700_000)), deadline: .far)
            }
        }
    }

    @Test(arguments: Refusal.allCases)
    func refusedCallNamesTheServersReasonAndChangesNothing(refusal: Refusal) throws {
        let error = try #require(throws: EtcdError.self) { try refusal.call(client) }
        #expect(error.code == .server(refusal.expected))
        #expect(error.message == "etcd answered \"\(refusal.expected.rawValue)\"")
        #expect(error.attempts.map(\.endpoint) == [SharedEtcd.endpoint])
        #expect(error.advice == refusal.expected.advice)
        #expect(try client.range(RangeRequest(.prefix("refused")), deadline: .far).count == 0)
    }

    @Test func requestThatGRPCItselfRefusesWasNotApplied() throws {
        let value = [UInt8](repeating: 0x61, count: 3_000_000)
        let error = try #require(throws: EtcdError.self) {
            try client.put(PutRequest("too-large", value), deadline: .far)
        }
        #expect(error.code == .server(.requestTooLarge))
        #expect(error.description.contains("--max-request-bytes"))
        #expect(try client.get("too-large", deadline: .far) == nil)
    }

    @Test func fullStoreIsRefusedWithAdvice() throws {
        let server = try EtcdServer(arguments: ["--quota-backend-bytes", "1"])
        let client = try server.client()
        let error = try #require(throws: EtcdError.self) {
            try client.put(PutRequest("full", "a"), deadline: .far)
        }
        #expect(error.code == .server(.noSpace))
        #expect(try #require(error.advice).contains("etcdctl alarm disarm"))
        #expect(error.description.contains("mvcc: database space exceeded"))
        // Reads and deletions go on.
        _ = try client.get("full", deadline: .far)
        try client.deleteRange(DeleteRangeRequest(.single("full")), deadline: .far)
    }

    @Test func clientGoesOnAfterARefusal() throws {
        let proxy = try TCPProxy(to: #require(UInt16(SharedEtcd.endpoint.split(separator: ":")[1])))
        let client = try EtcdClient(.hasty(proxy.endpoint, SharedEtcd.endpoint))
        for _ in 0..<3 {
            #expect(throws: EtcdError.self) { try client.get("", deadline: .far) }
            _ = try client.get("after-refusal", deadline: .far)
        }
        // The endpoint is well: the refusal is no reason to leave it.
        #expect(proxy.acceptedCount == 1)
        #expect(client.current == 0)
    }
}
