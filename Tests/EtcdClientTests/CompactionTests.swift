import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct CompactionTests {
    private let server: EtcdServer
    private let client: EtcdClient

    init() throws {
        server = try EtcdServer()
        client = try server.client()
    }

    private func put(_ value: String) throws -> Int64 {
        try #require(try client.put(PutRequest("compacted", value), deadline: .far).header).revision
    }

    @Test(arguments: [false, true])
    func historyBeforeTheRevisionIsGone(physical: Bool) throws {
        let first = try put("one")
        let second = try put("two")
        let third = try put("three")
        #expect(try client.compact(revision: second, physical: physical, deadline: .far).revision == third)
        var request = RangeRequest(.single("compacted"))
        request.revision = first
        let error = try #require(throws: EtcdError.self) { try client.range(request, deadline: .far) }
        #expect(error.code == .server(.compacted))
        request.revision = second
        #expect(try client.range(request, deadline: .far).keyValues.map(\.value) == [Array("two".utf8)])
        #expect(try client.text("compacted") == "three")
    }

    @Test func revisionIsCompactedOnce() throws {
        let first = try put("one")
        let second = try put("two")
        try client.compact(revision: second, deadline: .far)
        for revision in [first, second] {
            let error = try #require(throws: EtcdError.self) { try client.compact(revision: revision, deadline: .far) }
            #expect(error.code == .server(.compacted))
        }
    }

    @Test func futureCanNotBeCompacted() throws {
        let revision = try put("one")
        let error = try #require(throws: EtcdError.self) { try client.compact(revision: revision + 1, deadline: .far) }
        #expect(error.code == .server(.futureRevision))
        #expect(try client.text("compacted") == "one")
    }
}
