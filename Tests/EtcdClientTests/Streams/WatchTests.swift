import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct WatchTests {
    private let client: EtcdClient
    private let watcher: Watcher

    init() throws {
        client = try SharedEtcd.client()
        watcher = try Watcher(EtcdConfiguration(endpoints: Endpoint.list(SharedEtcd.endpoint)))
    }

    @Test func changesComeInOrderWithWhatTheyDid() throws {
        let id = watcher.add(WatchRequest(.prefix("order/")))
        let start = try watcher.created(id)
        let first = try client.put("order/a", "1")
        let second = try client.put("order/a", "2")
        let third = try client.delete("order/a")
        try client.put("elsewhere", "3")
        let events = try watcher.events(3, of: id)
        #expect(start <= first)
        #expect(events.map(\.kind) == [.put, .put, .delete])
        #expect(events.map(\.revision) == [first, second, third])
        #expect(events.map(\.text) == ["1", "2", ""])
        #expect(events.map(\.keyValue.version) == [1, 2, 0])
        #expect(events.map(\.keyValue.createRevision) == [first, first, 0])
        #expect(events.allSatisfy { $0.key == "order/a" && $0.previous == nil })
        #expect(try watcher.next(deadline: .after(.milliseconds(20))) == nil)
        #expect(watcher.interruption == nil)
    }

    @Test func previousKeyComesWhenAskedFor() throws {
        var request = WatchRequest(.single("previous"))
        request.returnsPrevious = true
        let id = watcher.add(request)
        try watcher.created(id)
        try client.put("previous", "1")
        try client.put("previous", "2")
        try client.delete("previous")
        let events = try watcher.events(3, of: id)
        #expect(events.map { $0.previous.map { String(decoding: $0.value, as: UTF8.self) } } == [nil, "1", "2"])
    }

    @Test(arguments: [WatchEvent.Kind.put, .delete])
    func filteredKindDoesNotCome(kind: WatchEvent.Kind) throws {
        let key = Key("filtered/\(kind)")
        var request = WatchRequest(.single(key))
        request.filters = [kind]
        let id = watcher.add(request)
        try watcher.created(id)
        try client.put(key, "1")
        try client.delete(key)
        try client.put(key, "2")
        try client.delete(key)
        let events = try watcher.events(2, of: id)
        #expect(events.map(\.kind) == (kind == .put ? [.delete, .delete] : [.put, .put]))
    }

    @Test func watchOfThePastDeliversTheHistory() throws {
        let revisions = try (0..<2500).map { try client.put("history", "\($0)") }
        let id = watcher.add(WatchRequest(.single("history"), startRevision: revisions[1]))
        #expect(try watcher.created(id) == revisions[1])
        let events = try watcher.events(2499, of: id)
        #expect(events.map(\.revision) == Array(revisions.dropFirst()))
    }

    @Test func watchOfTheFutureWaitsForItsRevision() throws {
        let present = try client.put("future", "0")
        let id = watcher.add(WatchRequest(.single("future"), startRevision: present + 40))
        #expect(try watcher.created(id) == present + 40)
        var written = present
        while written < present + 45 {
            written = try client.put("future", "later")
        }
        #expect(try watcher.events(1, of: id).allSatisfy { $0.revision >= present + 40 })
    }

    @Test func changesOfOneTransactionComeTogether() throws {
        let id = watcher.add(WatchRequest(.prefix("together/")))
        try watcher.created(id)
        let puts = (0..<100).map { TxnOperation.put(PutRequest(Key("together/\($0)"), "a")) }
        _ = try client.commit(Txn(then: puts), deadline: .far)
        #expect(try watcher.response().events.count == 100)
    }

    @Test func manyWatchesShareOneStream() throws {
        let proxy = try TCPProxy(to: #require(UInt16(SharedEtcd.endpoint.split(separator: ":")[1])))
        let watcher = try Watcher(EtcdConfiguration(endpoints: Endpoint.list(proxy.endpoint)))
        let ids = (0..<2000).map { watcher.add(WatchRequest(.single(Key("many/\($0)")))) }
        #expect(watcher.watchIDs == ids)
        for id in ids {
            try watcher.created(id)
        }
        for number in stride(from: 0, to: 2000, by: 7) {
            try client.put(Key("many/\(number)"), "\(number)")
        }
        // A server that is behind orders the events of each watch only.
        var missing = Dictionary(uniqueKeysWithValues: stride(from: 0, to: 2000, by: 7).map { (ids[$0], "\($0)") })
        while !missing.isEmpty {
            let response = try watcher.response()
            #expect(response.events.map(\.text) == [missing.removeValue(forKey: response.watchID ?? ids[1])])
        }
        #expect(proxy.acceptedCount == 1)
    }

    @Test func nothingOfACanceledWatchComes() throws {
        let kept = watcher.add(WatchRequest(.prefix("canceled/")))
        let canceled = watcher.add(WatchRequest(.prefix("canceled/")))
        try watcher.created(kept)
        try watcher.created(canceled)
        for number in 0..<10 {
            try client.put("canceled/a", "\(number)")
        }
        // Its responses are on their way.
        watcher.cancel(canceled)
        // This one the server does not even know yet, and that one never hears of.
        let unborn = watcher.add(WatchRequest(.prefix("canceled/")))
        watcher.cancel(unborn)
        #expect(watcher.watchIDs == [kept])
        for number in 10..<20 {
            try client.put("canceled/a", "\(number)")
        }
        #expect(try watcher.events(20, of: kept).map(\.text) == (0..<20).map(String.init))
        let next = watcher.add(WatchRequest(.prefix("canceled/")))
        try watcher.created(next)
        #expect(try watcher.next(deadline: .after(.milliseconds(20))) == nil)
    }

    @Test func watchCanceledWhileItIsCreatedEndsOnTheServerToo() throws {
        let id = watcher.add(WatchRequest(.prefix("brief/")))
        _ = try watcher.next(deadline: .now)
        watcher.cancel(id)
        let kept = watcher.add(WatchRequest(.prefix("brief/")))
        try watcher.created(kept)
        try client.put("brief/a", "1")
        #expect(try watcher.events(1, of: kept).count == 1)
        #expect(watcher.watchIDs == [kept])
    }

    @Test func progressIsToldWhenAskedFor() throws {
        let id = watcher.add(WatchRequest(.single("progress")))
        try watcher.created(id)
        let revision = try client.put("progress", "1")
        #expect(try watcher.events(1, of: id).count == 1)
        watcher.requestProgress()
        let response = try watcher.response()
        #expect(response.watchID == nil)
        #expect(response.content == .progress)
        #expect(response.header.revision >= revision)
    }

    @Test func rangeWithoutKeysIsRefused() throws {
        let id = watcher.add(WatchRequest(.range("b", upTo: "a")))
        let kept = watcher.add(WatchRequest(.single("beside-a-refused-one")))
        let cancellation = try watcher.cancellation(of: id)
        guard case .refused(let error) = cancellation else {
            Issue.record("\(cancellation)")
            return
        }
        #expect(error.description.contains("range"))
        #expect(watcher.watchIDs == [kept])
        try watcher.created(kept)
        try client.put("beside-a-refused-one", "1")
        #expect(try watcher.events(1, of: kept).count == 1)
    }

    @Test func cancellationFromAnotherThreadEndsTheWaitAndTheWatcher() throws {
        let cancellation = Cancellation()
        let configuration = EtcdConfiguration(endpoints: try Endpoint.list(SharedEtcd.endpoint))
        let watcher = try Watcher(configuration, cancellation: cancellation)
        try watcher.created(watcher.add(WatchRequest(.prefix("waiting/"))))
        let canceling = BackgroundCall { cancellation.cancel() }
        for _ in 0..<2 {
            let error = try #require(throws: EtcdError.self) { try watcher.next(deadline: .far) }
            #expect(error.code == .canceled)
        }
        _ = try canceling.value()
        // One that was canceled before it began does not begin.
        let late = try Watcher(configuration, cancellation: cancellation)
        late.add(WatchRequest(.prefix("waiting/")))
        #expect(throws: EtcdError.self) { try late.next(deadline: .far) }
    }
}
