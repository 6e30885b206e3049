import Dispatch
import EtcdClient
import EtcdLab
import Synchronization
import TestSupport
import Testing

@testable import AsyncEtcdClient

@Suite(.timeLimit(.minutes(15))) struct AsyncWatchTests {
    private let server: EtcdServer
    private let etcd: AsyncEtcdClient

    init() throws {
        server = try EtcdServer()
        etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(server.endpoint)))
    }

    @discardableResult
    private func put(_ key: Key, _ value: String) async throws -> Int64? {
        try await etcd.withClient { try $0.put(PutRequest(key, value), deadline: .far).header?.revision }
    }

    @Test func changesComeInOrderAndTheLoopEndsWhenItIsLeft() async throws {
        var texts: [String] = []
        for try await response in etcd.watch(WatchRequest(.prefix("key/"))) {
            if case .created = response.content {
                for number in 0..<20 {
                    try await put(Key("key/\(number)"), "\(number)")
                }
            }
            texts += response.events.map { String(decoding: $0.keyValue.value, as: UTF8.self) }
            if texts.count == 20 { break }
        }
        #expect(texts == (0..<20).map(String.init))
    }

    @Test func everyEventComesOnceOverManyCuts() async throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(proxy.endpoint)))
        let start = try #require(try await put("key/0", "begin"))
        let permits = DispatchSemaphore(value: 0)
        for _ in 0..<20 { permits.signal() }
        let writing = Task { [direct = self.etcd] in
            try await direct.withClient { client in
                for number in 0..<1000 {
                    permits.wait()
                    try client.put(PutRequest(Key("key/\(number % 7)"), "\(number)"), deadline: .far)
                }
            }
        }
        var texts: [String] = []
        var nextCut = 50
        for try await response in etcd.watch(WatchRequest(.prefix("key/"), startRevision: start + 1)) {
            texts += response.events.map { String(decoding: $0.keyValue.value, as: UTF8.self) }
            response.events.forEach { _ in permits.signal() }
            if texts.count >= nextCut {
                proxy.cut(then: .forward)
                nextCut = texts.count + 50
            }
            if texts.count >= 1000 { break }
        }
        #expect(texts == (0..<1000).map(String.init))
        try await writing.value
        #expect(proxy.acceptedCount > 3)
    }

    @Test func severalWatchesAreToldApart() async throws {
        var watches: [Int64: [String]] = [:]
        var created = 0
        for try await response in etcd.watch(WatchRequest(.single("a")), WatchRequest(.single("b"))) {
            if case .created = response.content {
                created += 1
                if created == 2 {
                    try await put("b", "second")
                    try await put("a", "first")
                }
            }
            let number = try #require(response.watchID).number
            watches[number, default: []] += response.events.map(\.key.description)
            if watches.values.map(\.count).reduce(0, +) == 2 { break }
        }
        #expect(watches == [1: ["a"], 2: ["b"]])
    }

    @Test func canceledTaskLeavesTheLoopAtOnce() async throws {
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let task = Task { [etcd] in
            for try await _ in etcd.watch(WatchRequest(.single("never"))) {
                beginning.yield()
            }
        }
        for await _ in began { break }
        task.cancel()
        try await task.value
    }

    @Test func taskThatIsCanceledBeforeItBeginsGetsNothing() async throws {
        let task = Task { [etcd] in
            while !Task.isCancelled { await Task.yield() }
            var count = 0
            for try await _ in etcd.watch(WatchRequest(.single("never"))) { count += 1 }
            return count
        }
        task.cancel()
        #expect(try await task.value == 0)
    }

    @Test func canceledTaskLeavesALoopThatCantConnect() async throws {
        let proxy = try TCPProxy(.silence)
        let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(proxy.endpoint)))
        let task = Task {
            for try await _ in etcd.watch(WatchRequest(.single("never"))) {}
        }
        while proxy.acceptedCount == 0 { await Task.yield() }
        task.cancel()
        try await task.value
    }

    @Test func refusedWatchIsToldAndEndsTheLoop() async throws {
        var contents: [WatchResponse.Content] = []
        for try await response in etcd.watch(WatchRequest(.range("b", upTo: "a"))) {
            contents.append(response.content)
        }
        #expect(contents.count == 1)
    }

    @Test func configurationThatCantBeUsedIsThrown() async throws {
        let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: []))
        await #expect(throws: EtcdError.self) {
            for try await _ in etcd.watch(WatchRequest(.single("never"))) {}
        }
        await #expect(throws: EtcdError.self) {
            try await etcd.withClient { _ in }
        }
    }

    @Test func interruptionIsToldAndItsEndToo() async throws {
        let proxy = try TCPProxy(to: server.clientPort, .close)
        var configuration = EtcdConfiguration(endpoints: try Endpoint.list(proxy.endpoint))
        configuration.connectTimeout = .milliseconds(200)
        let told = Mutex<[EtcdError.Code?]>([])
        let responses = AsyncEtcdClient(configuration).watch(
            WatchRequest(.single("any")),
            onInterruption: { error in told.withLock { $0.append(error?.code) } }
        )
        let first = Task {
            var iterator = responses.makeAsyncIterator()
            return try await iterator.next()
        }
        while told.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }
        proxy.cut(then: .forward)
        #expect(try await first.value != nil)
        #expect(told.withLock { $0 } == [.unreachable, nil])
    }

    @Test func slowReaderHoldsTheServerUpAndLosesNothing() async throws {
        let begin = try #require(try await put("slow/begin", ""))
        var iterator = etcd.watch(WatchRequest(.prefix("slow/"), startRevision: begin + 1)).makeAsyncIterator()
        _ = try await iterator.next()
        let value = String(repeating: "x", count: 100_000)
        try await etcd.withClient { client in
            for number in 0..<100 {
                try client.put(PutRequest(Key("slow/\(number)"), value), deadline: .far)
            }
        }
        var keys: [String] = []
        while keys.count < 100 {
            keys += try #require(try await iterator.next()).events.map(\.key.description)
        }
        #expect(keys == (0..<100).map { "slow/\($0)" })
    }

    @Test func everythingOfTheBridgeAndEveryThreadComesBack() async throws {
        await #expect(processExitsWith: .success) { [endpoint = server.endpoint as String] in
            let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(endpoint)))
            for round in 0..<20 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<10 {
                        group.addTask {
                            var iterator = etcd.watch(WatchRequest(.single("leak"))).makeAsyncIterator()
                            // Some are never asked, some are left, some are canceled.
                            guard number > 0 else { return }
                            _ = try await iterator.next()
                            guard number > 5 else { return }
                            _ = try await iterator.next()
                        }
                    }
                    // The last ones wait for an event that does not come.
                    for _ in 0..<6 { try await group.next() }
                    if round.isMultiple(of: 2) {
                        group.cancelAll()
                    } else {
                        // A watch that is not there yet misses a write, so one is not enough.
                        group.addTask {
                            while !Task.isCancelled {
                                try await etcd.withClient { _ = try $0.put(PutRequest("leak", "1"), deadline: .far) }
                            }
                        }
                        for _ in 0..<4 { try await group.next() }
                        group.cancelAll()
                    }
                    try await group.waitForAll()
                }
            }
            // The threads end a little after what they were for.
            let limit = Deadline.far
            while BridgeObjects.liveCount > 0, !limit.hasPassed {
                await Task.yield()
            }
            try #require(BridgeObjects.liveCount == 0)
        }
    }
}

extension Deadline {
    /// A deadline that no call on a machine that works comes near.
    static var far: Deadline { .after(.seconds(40)) }
}
