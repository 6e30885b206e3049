import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct TxnTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    @Test func conditionChoosesTheBranch() throws {
        let txn = Txn(
            if: [.isAbsent("branch")],
            then: [.put(PutRequest("branch", "mine"))],
            else: [.range(RangeRequest(.single("branch")))]
        )
        let won = try client.commit(txn, deadline: .far)
        #expect(won.succeeded)
        guard case .put = won.results.first, won.results.count == 1 else {
            Issue.record("\(won.results)")
            return
        }
        let lost = try client.commit(txn, deadline: .far)
        #expect(!lost.succeeded)
        guard case .range(let range) = lost.results.first, lost.results.count == 1 else {
            Issue.record("\(lost.results)")
            return
        }
        #expect(range.keyValues.map(\.value) == [Array("mine".utf8)])
        #expect(range.keyValues.first?.version == 1)
    }

    @Test func resultsComeInTheOrderOfTheOperations() throws {
        var put = PutRequest("results/a", "two")
        put.returnsPrevious = true
        var delete = DeleteRangeRequest(.single("results/b"))
        delete.returnsPrevious = true
        for key in ["results/a", "results/b"] as [Key] {
            try client.put(PutRequest(key, "one"), deadline: .far)
        }
        let response = try client.commit(
            Txn(then: [
                .range(RangeRequest(.prefix("results/"), projection: .countOnly)),
                .put(put),
                .range(RangeRequest(.single("results/a"))),
                .deleteRange(delete),
                .txn(Txn(if: [.isAbsent("results/b")], then: [], else: [.range(RangeRequest(.single("results/b")))])),
                .range(RangeRequest(.prefix("results/"), projection: .countOnly)),
            ]),
            deadline: .far
        )
        guard response.results.count == 6,
            case .range(let before) = response.results[0], case .put(let written) = response.results[1],
            case .range(let read) = response.results[2], case .deleteRange(let deleted) = response.results[3],
            case .txn(let nested) = response.results[4], case .range(let after) = response.results[5]
        else {
            Issue.record("\(response.results)")
            return
        }
        #expect(before.count == 2)
        #expect(written.previous?.value == Array("one".utf8))
        // An operation sees what those before it did; the condition of a nested transaction was judged before all of them.
        #expect(read.keyValues.map(\.value) == [Array("two".utf8)])
        #expect(deleted.deleted == 1)
        #expect(deleted.previous.map(\.key) == ["results/b"])
        #expect(!nested.succeeded)
        #expect(nested.results.count == 1)
        #expect(after.count == 1)
        let revision = try #require(response.header).revision
        #expect(read.keyValues.first?.modRevision == revision)
    }

    @Test func emptyTransactionSucceeds() throws {
        let response = try client.commit(Txn(), deadline: .far)
        #expect(response.succeeded)
        #expect(response.results.isEmpty)
        #expect(response.header != nil)
    }

    @Test func branchMayBeEmpty() throws {
        let txn = Txn(if: [.isAbsent("empty")], else: [.put(PutRequest("empty", "never"))])
        let response = try client.commit(txn, deadline: .far)
        #expect(response.succeeded)
        #expect(response.results.isEmpty)
        #expect(try client.get("empty", deadline: .far) == nil)
    }

    @Test(arguments: [1, 2, 30])
    func transactionsNest(depth: Int) throws {
        let prefix = "nested/\(depth)/"
        // Levels of even number take the branch `then`, those of odd number the branch `else`.
        var txn = Txn(then: [.put(PutRequest(Key("\(prefix)\(depth)"), "deepest"))])
        for level in (0..<depth).reversed() {
            let key = Key("\(prefix)\(level)")
            let right: [TxnOperation] = [.put(PutRequest(key, "\(level)")), .txn(txn)]
            let wrong: [TxnOperation] = [.put(PutRequest(key, "wrong"))]
            let condition = Compare(key, level.isMultiple(of: 2) ? .equal : .notEqual, .version(0))
            txn = Txn(
                if: [condition],
                then: level.isMultiple(of: 2) ? right : wrong,
                else: level.isMultiple(of: 2) ? wrong : right
            )
        }
        #expect(txn.writes)
        var response = try client.commit(txn, deadline: .far)
        for level in 0..<depth {
            #expect(response.succeeded == level.isMultiple(of: 2))
            guard response.results.count == 2,
                case .put = response.results[0], case .txn(let inner) = response.results[1]
            else {
                Issue.record("level \(level): \(response.results)")
                return
            }
            response = inner
        }
        #expect(response.succeeded)
        #expect(response.results.count == 1)
        let written = try client.range(RangeRequest(.prefix(Key(prefix))), deadline: .far)
        #expect(written.count == Int64(depth + 1))
        #expect(Set(written.keyValues.map(\.modRevision)).count == 1)
        #expect(!written.keyValues.contains { $0.value == Array("wrong".utf8) })
    }

    @Test func ofManyWhoCreateAKeyOneWins() throws {
        let endpoint = SharedEtcd.endpoint
        let rivals = (0..<8).map { number in
            BackgroundCall {
                let client = try EtcdClient(connectionString: endpoint)
                let txn = Txn(if: [.isAbsent("rivals")], then: [.put(PutRequest("rivals", "\(number)"))])
                return try client.commit(txn, deadline: .far).succeeded
            }
        }
        let outcomes = try rivals.map { try $0.value() }
        #expect(outcomes.count { $0 } == 1)
        #expect(try client.text("rivals") == outcomes.firstIndex(of: true).map(String.init))
    }

    private static var read: TxnOperation { .range(RangeRequest(.single("a"))) }
    private static var put: TxnOperation { .put(PutRequest("a", "b")) }
    private static var delete: TxnOperation { .deleteRange(DeleteRangeRequest(.single("a"))) }

    @Test(arguments: [
        (Txn(), false),
        (Txn(if: [.isAbsent("a")], then: [read], else: [read]), false),
        (Txn(then: [.txn(Txn(then: [read], else: [.txn(Txn(then: [read]))]))]), false),
        (Txn(then: [read, put]), true),
        (Txn(else: [put]), true),
        (Txn(then: [delete]), true),
        (Txn(else: [read, .txn(Txn(then: [read], else: [.txn(Txn(else: [delete]))]))]), true),
    ])
    func transactionKnowsWhetherItWrites(txn: Txn, writes: Bool) {
        #expect(txn.writes == writes)
    }
}
