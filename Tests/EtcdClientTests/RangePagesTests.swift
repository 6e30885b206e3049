import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct RangePagesTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    private func put(_ prefix: String, _ names: [String], _ value: String = "old") throws {
        _ = try client.commit(Txn(then: names.map { .put(PutRequest(Key(prefix + $0), value)) }), deadline: .far)
    }

    /// The keys of each page, without what they have in common.
    private func names(_ pages: RangePages, without prefix: String) throws -> [[String]] {
        var pages = pages
        var names: [[String]] = []
        while let page = try pages.next(deadline: .far) {
            names.append(page.map { String($0.key.description.dropFirst(prefix.count)) })
        }
        #expect(try pages.next(deadline: .far) == nil)
        return names
    }

    @Test(
        arguments: [
            (1, [["a"], ["a\0"], ["b"], ["b/c"], ["c"]]), (2, [["a", "a\0"], ["b", "b/c"], ["c"]]),
            (4, [["a", "a\0", "b", "b/c"], ["c"]]), (5, [["a", "a\0", "b", "b/c", "c"]]),
            (6, [["a", "a\0", "b", "b/c", "c"]]), (0, [["a"], ["a\0"], ["b"], ["b/c"], ["c"]]),
        ] as [(Int, [[String]])]
    )
    func pagesHaveTheirSizeAndMissNoKey(size: Int, expected: [[String]]) throws {
        let prefix = "pages/\(size)/"
        try put(prefix, ["a", "a\0", "b", "b/c", "c"])
        #expect(try names(client.pages(of: .prefix(Key(prefix)), size: size), without: prefix) == expected)
    }

    @Test func pagesEndWhereTheRangeDoes() throws {
        let prefix = "ends/"
        try put(prefix, ["a", "b", "c", "d"])
        let through = KeyRange.range("ends/b", through: "ends/d")
        #expect(try names(client.pages(of: through, size: 2), without: prefix) == [["b", "c"], ["d"]])
        let upTo = KeyRange.range("ends/a", upTo: "ends/c")
        #expect(try names(client.pages(of: upTo, size: 1), without: prefix) == [["a"], ["b"]])
        #expect(try names(client.pages(of: .single("ends/b"), size: 1), without: prefix) == [["b"]])
        #expect(try names(client.pages(of: .prefix("ends/none"), size: 1), without: prefix) == [])
        var pages = client.pages(of: .from("ends/c"), size: 1)
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["ends/c"])
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["ends/d"])
    }

    @Test func allPagesShowOneRevision() throws {
        try put("stable/", ["a", "c", "e"])
        var pages = client.pages(of: .prefix("stable/"), size: 1)
        #expect(pages.revision == 0)
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["stable/a"])
        #expect(pages.revision > 0)
        try put("stable/", ["b", "c"], "new")
        try client.deleteRange(DeleteRangeRequest(.single("stable/e")), deadline: .far)
        let second = try #require(try pages.next(deadline: .far))
        #expect(second.map(\.key) == ["stable/c"])
        #expect(second.map(\.value) == [Array("old".utf8)])
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["stable/e"])
        #expect(try pages.next(deadline: .far) == nil)

        let again = client.pages(of: .prefix("stable/"), size: 2, revision: pages.revision)
        #expect(try names(again, without: "stable/") == [["a", "c"], ["e"]])
        let now = client.pages(of: .prefix("stable/"), size: 2)
        #expect(try names(now, without: "stable/") == [["a", "b"], ["c"]])
    }

    @Test func pagesOfKeysLeaveOutTheValues() throws {
        try put("keys/", ["a", "b"])
        var pages = client.pages(of: .prefix("keys/"), size: 2, projection: .keysOnly)
        let page = try #require(try pages.next(deadline: .far))
        #expect(page.map(\.key) == ["keys/a", "keys/b"])
        #expect(page.allSatisfy { $0.value.isEmpty && $0.modRevision > 0 })
    }

    @Test func manyKeysComeInTheirOrder() throws {
        let names = (0..<2000).map { String(10_000 + $0) }
        for start in stride(from: 0, to: 2000, by: 100) {
            try put("many/", Array(names[start..<start + 100]))
        }
        let pages = try self.names(client.pages(of: .prefix("many/"), size: 64), without: "many/")
        #expect(pages.count == 32)
        #expect(pages.dropLast().allSatisfy { $0.count == 64 })
        #expect(Array(pages.joined()) == names)
    }

    @Test func pageThatFailedCanBeAskedForAgain() throws {
        let server = try EtcdServer()
        let client = try EtcdClient(.hasty(server.endpoint))
        for name in ["a", "b", "c"] {
            try client.put(PutRequest(Key("failed/" + name), "x"), deadline: .far)
        }
        var pages = client.pages(of: .prefix("failed/"), size: 1)
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["failed/a"])
        try server.freezeAndWait()
        let error = #expect(throws: EtcdError.self) { try pages.next(deadline: .after(.milliseconds(300))) }
        #expect(error?.code == .timedOut)
        server.thaw()
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["failed/b"])
        #expect(try pages.next(deadline: .far)?.map(\.key) == ["failed/c"])
        #expect(try pages.next(deadline: .far) == nil)
    }

    @Test func compactionBetweenTwoPagesIsAnError() throws {
        let server = try EtcdServer()
        let client = try server.client()
        for name in ["a", "b"] {
            try client.put(PutRequest(Key("compacted/" + name), "x"), deadline: .far)
        }
        var pages = client.pages(of: .prefix("compacted/"), size: 1)
        #expect(try pages.next(deadline: .far) != nil)
        let header = try #require(try client.put(PutRequest("compacted/b", "y"), deadline: .far).header)
        try client.compact(revision: header.revision, deadline: .far)
        for _ in 0..<2 {
            let error = #expect(throws: EtcdError.self) { try pages.next(deadline: .far) }
            #expect(error?.code == .server(.compacted))
        }
    }
}
