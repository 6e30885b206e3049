import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct KVTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    /// Puts `a` to `e` under a prefix, in an order in which each property sorts them differently.
    private func putFive(_ prefix: String) throws {
        let values = ["a": "5", "b": "1", "c": "4", "d": "2", "e": "3"]
        for name in "daebcaad".map(String.init) {
            let value = try #require(values[name])
            try client.put(PutRequest(Key(prefix + name), value), deadline: .far)
        }
    }

    /// The last characters of the keys found.
    private func names(_ response: RangeResponse) -> String {
        String(response.keyValues.compactMap(\.key.description.last))
    }

    @Test func absentKeyIsNil() throws {
        #expect(try client.get("absent", deadline: .far) == nil)
    }

    @Test func putKeyIsThereWithItsHistory() throws {
        let first = try #require(try client.put(PutRequest("history", "one"), deadline: .far).header)
        let second = try #require(try client.put(PutRequest("history", "two"), deadline: .far).header)
        let keyValue = try #require(try client.get("history", deadline: .far))
        #expect(keyValue.key == "history")
        #expect(keyValue.value == Array("two".utf8))
        #expect(keyValue.version == 2)
        #expect(keyValue.createRevision == first.revision)
        #expect(keyValue.modRevision == second.revision)
        #expect(keyValue.lease == 0)
        #expect(first.clusterID != 0 && first.memberID != 0 && first.raftTerm > 0)
    }

    @Test func limitHoldsKeysBackAndSaysSo() throws {
        try putFive("limit/")
        let some = try client.range(RangeRequest(.prefix("limit/"), limit: 2), deadline: .far)
        #expect(names(some) == "ab")
        #expect(some.hasMore)
        #expect(some.count == 5)
        let all = try client.range(RangeRequest(.prefix("limit/"), limit: 5), deadline: .far)
        #expect(names(all) == "abcde")
        #expect(!all.hasMore)
        #expect(all.count == 5)
    }

    @Test func rangeEndsWhereItSays() throws {
        try putFive("ends/")
        let upTo = KeyRange.range("ends/b", upTo: "ends/d")
        #expect(names(try client.range(RangeRequest(upTo), deadline: .far)) == "bc")
        let through = KeyRange.range("ends/b", through: "ends/d")
        #expect(names(try client.range(RangeRequest(through), deadline: .far)) == "bcd")
        for end in ["ends/b", "ends/d", Key([0]), ""] {
            let empty = KeyRange.range("ends/d", upTo: end)
            #expect(try client.range(RangeRequest(empty), deadline: .far).count == 0)
            #expect(try client.deleteRange(DeleteRangeRequest(empty), deadline: .far).deleted == 0)
        }
        let everything = try client.range(RangeRequest(.prefix(""), projection: .countOnly), deadline: .far)
        #expect(everything.count >= 5)
    }

    @Test func projectionsLeaveOutWhatTheySay() throws {
        try putFive("projection/")
        let keys = try client.range(RangeRequest(.prefix("projection/"), projection: .keysOnly), deadline: .far)
        #expect(names(keys) == "abcde")
        #expect(keys.keyValues.allSatisfy { $0.value.isEmpty && $0.modRevision > 0 })
        let count = try client.range(RangeRequest(.prefix("projection/"), projection: .countOnly), deadline: .far)
        #expect(count.keyValues.isEmpty)
        #expect(count.count == 5)
    }

    @Test func olderRevisionShowsTheStoreAsItWas() throws {
        try putFive("revision/")
        let then = try #require(try client.get("revision/c", deadline: .far)).modRevision
        try client.put(PutRequest("revision/c", "new"), deadline: .far)
        try client.deleteRange(DeleteRangeRequest(.single("revision/d")), deadline: .far)
        var request = RangeRequest(.prefix("revision/"))
        request.revision = then
        let old = try client.range(request, deadline: .far)
        #expect(names(old) == "abcde")
        #expect(old.keyValues[2].value == Array("4".utf8))
        #expect(try #require(old.header).revision > then)
    }

    @Test func serializableReadIsAnswered() throws {
        try putFive("serializable/")
        let request = RangeRequest(.prefix("serializable/"), consistency: .serializable)
        #expect(names(try client.range(request, deadline: .far)) == "abcde")
    }

    @Test(arguments: [
        (RangeRequest.SortTarget.key, "abcde"), (.version, "bcead"), (.createRevision, "daebc"),
        (.modRevision, "ebcad"), (.value, "bdeca"),
    ])
    func orderIsByTheTarget(target: RangeRequest.SortTarget, expected: String) throws {
        let prefix = "order/\(target)/"
        try putFive(prefix)
        // One more version for `d`, so that no two of those that differ are alike.
        for _ in 0..<3 { try client.put(PutRequest(Key(prefix + "d"), "2"), deadline: .far) }
        var request = RangeRequest(.prefix(Key(prefix)))
        request.order = .ascending(target)
        let ascending = try client.range(request, deadline: .far)
        request.order = .descending(target)
        let descending = try client.range(request, deadline: .far)
        if target == .version {
            // Versions: a 3, d 5, the others 1, in any order.
            #expect(names(ascending).hasSuffix("ad"))
            #expect(names(descending).hasPrefix("da"))
        } else {
            #expect(names(ascending) == expected)
            #expect(names(descending) == String(expected.reversed()))
        }
    }

    @Test func orderComesBeforeTheLimit() throws {
        try putFive("order-limit/")
        var request = RangeRequest(.prefix("order-limit/"), limit: 1)
        request.order = .descending(.value)
        #expect(names(try client.range(request, deadline: .far)) == "a")
    }

    @Test func filtersLeaveOutWhatWasChangedOrMadeEarlierOrLater() throws {
        try putFive("filter/")
        // Made in the order "daebc", and changed last in the order "ebcad".
        let all = try client.range(RangeRequest(.prefix("filter/")), deadline: .far).keyValues
        let b = try #require(all.first { $0.key == "filter/b" })
        func names(_ change: (inout RangeRequest) -> Void) throws -> String {
            var request = RangeRequest(.prefix("filter/"))
            change(&request)
            let response = try client.range(request, deadline: .far)
            #expect(response.count == 5)
            return self.names(response)
        }
        #expect(try names { $0.minModRevision = b.modRevision } == "abcd")
        #expect(try names { $0.maxModRevision = b.modRevision } == "be")
        #expect(try names { $0.minCreateRevision = b.createRevision } == "bc")
        #expect(try names { $0.maxCreateRevision = b.createRevision } == "abde")
        #expect(
            try names {
                $0.minModRevision = b.modRevision
                $0.maxModRevision = b.modRevision
            } == "b"
        )
        let limited = try names {
            $0.minModRevision = b.modRevision
            $0.limit = 2
        }
        #expect(limited == "ab")
    }

    @Test func countIsTheNumberOfKeys() throws {
        try putFive("count/")
        #expect(try client.count(.prefix("count/"), deadline: .far) == 5)
        #expect(try client.count(.single("count/a"), deadline: .far) == 1)
        #expect(try client.count(.range("count/b", through: "count/c"), deadline: .far) == 2)
        #expect(try client.count(.single("count/none"), deadline: .far) == 0)
    }

    @Test func putReturnsThePreviousValueWhenAsked() throws {
        var request = PutRequest("previous", "one")
        request.returnsPrevious = true
        #expect(try client.put(request, deadline: .far).previous == nil)
        request.value = Array("two".utf8)
        #expect(try client.put(request, deadline: .far).previous?.value == Array("one".utf8))
        request.returnsPrevious = false
        #expect(try client.put(request, deadline: .far).previous == nil)
    }

    @Test func putWithoutValueKeepsTheValueAndAdvancesTheRevision() throws {
        try client.put(PutRequest("ignore", "kept"), deadline: .far)
        try client.put(PutRequest("ignore", nil as [UInt8]?), deadline: .far)
        let keyValue = try #require(try client.get("ignore", deadline: .far))
        #expect(keyValue.value == Array("kept".utf8))
        #expect(keyValue.version == 2)
        #expect(keyValue.modRevision > keyValue.createRevision)
    }

    @Test func leaseIsAttachedKeptAndDropped() throws {
        let lease = try client.lease.grant(timeToLive: 600, deadline: .far).id
        try client.put(PutRequest("lease", "one", lease: lease), deadline: .far)
        #expect(try client.get("lease", deadline: .far)?.lease == lease)
        try client.put(PutRequest("lease", "two", lease: nil), deadline: .far)
        #expect(try client.get("lease", deadline: .far)?.lease == lease)
        try client.put(PutRequest("lease", "three"), deadline: .far)
        #expect(try client.get("lease", deadline: .far)?.lease == 0)
    }

    @Test func deleteTellsWhatItDeleted() throws {
        try putFive("delete/")
        var request = DeleteRangeRequest(.range("delete/b", through: "delete/c"))
        request.returnsPrevious = true
        let deleted = try client.deleteRange(request, deadline: .far)
        #expect(deleted.deleted == 2)
        #expect(deleted.previous.map(\.value) == [Array("1".utf8), Array("4".utf8)])
        #expect(names(try client.range(RangeRequest(.prefix("delete/")), deadline: .far)) == "ade")

        let again = try client.deleteRange(request, deadline: .far)
        #expect(again.deleted == 0)
        #expect(again.previous.isEmpty)

        let rest = try client.deleteRange(DeleteRangeRequest(.prefix("delete/")), deadline: .far)
        #expect(rest.deleted == 3)
        #expect(rest.previous.isEmpty)
    }

    @Test(
        arguments: [[], [0], [0, 0, 0], [0xff, 0xfe, 0x00, 0x80], Array("ä\n\"\\".utf8), Array(0...255)] as [[UInt8]]
    )
    func anyBytesAreAValueAndPartOfAKey(bytes: [UInt8]) throws {
        let key = Key(Array("bytes/".utf8) + bytes)
        try client.put(PutRequest(key, bytes), deadline: .far)
        let keyValue = try #require(try client.get(key, deadline: .far))
        #expect(keyValue.key == key)
        #expect(keyValue.value == bytes)
        try client.deleteRange(DeleteRangeRequest(.single(key)), deadline: .far)
    }

    @Test func repliesMayBeLargerThanTheUsualLimitOfGRPC() throws {
        var generator = SplitMix64(seed: 1)
        let value = (0..<1 << 17).flatMap { _ in
            let word: UInt64 = generator.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        #expect(value.count == 1 << 20)
        for index in 0..<6 {
            try client.put(PutRequest(Key("large/\(index)"), value), deadline: .far)
        }
        let response = try client.range(RangeRequest(.prefix("large/")), deadline: .far)
        #expect(response.keyValues.count == 6)
        let areWhole = response.keyValues.allSatisfy { $0.value == value }
        #expect(areWhole)
        try client.deleteRange(DeleteRangeRequest(.prefix("large/")), deadline: .far)
    }

    @Test func manyKeysComeInOneReply() throws {
        for batch in 0..<20 {
            let keys = (0..<100).map { Key("many/\(10_000 + batch * 100 + $0)") }
            let puts = keys.map { TxnOperation.put(PutRequest($0, "a")) }
            _ = try client.commit(Txn(then: puts), deadline: .far)
        }
        let response = try client.range(RangeRequest(.prefix("many/")), deadline: .far)
        #expect(response.keyValues.count == 2000)
        #expect(response.keyValues.map(\.key) == (0..<2000).map { Key("many/\(10_000 + $0)") })
    }

    @Test func oneConnectionServesManyCalls() throws {
        let proxy = try TCPProxy(to: #require(UInt16(SharedEtcd.endpoint.split(separator: ":")[1])))
        let client = try EtcdClient(connectionString: proxy.endpoint)
        for index in 0..<100 {
            try client.put(PutRequest("connection", "\(index)"), deadline: .far)
        }
        #expect(try client.text("connection") == "99")
        #expect(proxy.acceptedCount == 1)
    }
}
