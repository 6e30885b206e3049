import EtcdLab
import Foundation
import TestSupport
import Testing

@testable import EtcdClient

/// Watches of an etcd that goes away, forgets, or does not answer.
@Suite(.timeLimit(.minutes(15))) struct WatchReconnectTests {
    private let server: EtcdServer

    init() throws {
        server = try EtcdServer()
    }

    /// Writes keys one after the other on a thread of its own, each when `permits` has one, and returns their revisions.
    private func writing(_ count: Int, _ permits: DispatchSemaphore) throws -> BackgroundCall<[Int64]> {
        let endpoint = server.endpoint
        return BackgroundCall {
            let client = try EtcdClient(connectionString: endpoint)
            return try (0..<count).map { number in
                permits.wait()
                return try client.put(Key("key/\(number % 10)"), "\(number)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func everyEventComesOnceAndInOrderOverManyCuts(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let proxies = try (0..<2).map { _ in try TCPProxy(to: server.clientPort, .forward) }
        let watcher = try Watcher(.hasty(proxies[0].endpoint, proxies[1].endpoint))
        let all = watcher.add(WatchRequest(.prefix("key/")))
        let one = watcher.add(WatchRequest(.single("key/3")))
        try watcher.created(all)
        try watcher.created(one)
        // The writer is a little ahead, so that there is something to lose at each cut, and many cuts.
        let permits = DispatchSemaphore(value: 0)
        for _ in 0..<50 { permits.signal() }
        let writing = try writing(3000, permits)
        var events: [WatchEvent] = []
        var eventsOfOne: [WatchEvent] = []
        var nextCut = 0
        while events.count < 3000 || eventsOfOne.count < 300 {
            let response = try watcher.response()
            if response.watchID == all {
                events += response.events
                response.events.forEach { _ in permits.signal() }
            } else {
                eventsOfOne += response.events
            }
            if events.count >= nextCut {
                proxies.randomElement(using: &random)?.cut(then: .forward)
                nextCut = events.count + Int.random(in: 1..<100, using: &random)
            }
        }
        #expect(events.map(\.revision) == (try writing.value()))
        #expect(events.map(\.text) == (0..<3000).map(String.init))
        #expect(eventsOfOne.map(\.text) == stride(from: 3, to: 3000, by: 10).map(String.init))
        #expect(proxies.map(\.acceptedCount).reduce(0, +) > 10)
        #expect(try watcher.next(deadline: .after(.milliseconds(20))) == nil)
    }

    @Test func watchFromNowOnLosesNothingWhenItIsCutBeforeItsFirstEvent() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        let id = watcher.add(WatchRequest(.single("first")))
        try watcher.created(id)
        proxy.cut(then: .close)
        // Nobody hears of it, and of what comes before the connection is back.
        let revision = try server.client().put("first", "1")
        #expect(try watcher.next(deadline: .after(.milliseconds(50))) == nil)
        #expect(try #require(watcher.interruption).code == .unreachable)
        let second = try server.client().put("first", "2")
        proxy.cut(then: .forward)
        #expect(try watcher.events(2, of: id).map(\.revision) == [revision, second])
        #expect(watcher.interruption == nil)
    }

    @Test func manyWatchesComeBackTogether() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        let ids = (0..<1000).map { watcher.add(WatchRequest(.single(Key("many/\($0)")))) }
        for id in ids {
            try watcher.created(id)
        }
        let client = try server.client()
        for round in 1...3 {
            proxy.cut(then: .forward)
            for number in stride(from: 0, to: 1000, by: 7) {
                try client.put(Key("many/\(number)"), "\(round)")
            }
            var texts: [WatchID: String] = [:]
            while texts.count < 143 {
                let response = try watcher.response()
                let id = try #require(response.watchID)
                #expect(texts.updateValue(response.events.map(\.text).joined(), forKey: id) == nil)
            }
            #expect(texts.values.allSatisfy { $0 == "\(round)" })
        }
    }

    @Test func addedAndCanceledWatchesOfAnOutageAreSoWhenItIsOver() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        let canceled = watcher.add(WatchRequest(.prefix("outage/")))
        try watcher.created(canceled)
        proxy.cut(then: .close)
        #expect(try watcher.next(deadline: .after(.milliseconds(50))) == nil)
        watcher.cancel(canceled)
        let added = watcher.add(WatchRequest(.prefix("outage/")))
        watcher.requestProgress()
        #expect(try watcher.next(deadline: .after(.milliseconds(50))) == nil)
        proxy.cut(then: .forward)
        try watcher.created(added)
        #expect(try watcher.response().content == .progress)
        try server.client().put("outage/a", "1")
        #expect(try watcher.events(1, of: added).count == 1)
        #expect(watcher.watchIDs == [added])
    }

    @Test func restartedServerGoesOnWhereItEnded() throws {
        let watcher = try Watcher(.hasty(server.endpoint))
        let id = watcher.add(WatchRequest(.single("restart")))
        try watcher.created(id)
        for round in 1...3 {
            let before = try server.client().put("restart", "before \(round)")
            if round.isMultiple(of: 2) {
                #expect(try watcher.events(1, of: id).map(\.revision) == [before])
            }
            server.stop()
            let late = try watcher.next(deadline: .after(.milliseconds(30)))
            #expect(late?.events.map(\.revision) ?? [before] == [before])
            try server.start()
            let after = try server.client().put("restart", "after \(round)")
            while try watcher.events(1, of: id).last?.revision != after {}
        }
    }

    @Test func frozenServerIsNoticedAndTheWatchGoesOnElsewhere() throws {
        // Two servers, not one cluster: the values tell which one answers.
        let other = try EtcdServer()
        let server = try EtcdServer(arguments: ["--grpc-keepalive-min-time", "10ms"])
        var configuration = try EtcdConfiguration.hasty(server.endpoint, other.endpoint)
        configuration.keepalive.time = .milliseconds(200)
        configuration.keepalive.timeout = .milliseconds(200)
        let watcher = try Watcher(configuration)
        let id = watcher.add(WatchRequest(.single("frozen"), startRevision: 1))
        try watcher.created(id)
        try server.client().put("frozen", "here")
        #expect(try watcher.events(1, of: id).map(\.text) == ["here"])
        // gRPC would send only two pings without data unless it is told to send more.
        #expect(try watcher.next(deadline: .after(.seconds(2))) == nil)
        try server.freezeAndWait()
        defer { server.thaw() }
        try other.client().put("frozen", "elsewhere, and known already")
        try other.client().put("frozen", "elsewhere")
        #expect(try watcher.events(1, of: id).map(\.text) == ["elsewhere"])
    }

    @Test func silentWatchOfAServerThatIsWellStays() throws {
        // Many more pings than the two that gRPC sends without data unless it is told to.
        let server = try EtcdServer(arguments: ["--grpc-keepalive-min-time", "10ms"])
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        var configuration = try EtcdConfiguration.hasty(proxy.endpoint)
        configuration.keepalive.time = .milliseconds(100)
        configuration.keepalive.timeout = .seconds(20)
        let watcher = try Watcher(configuration)
        let id = watcher.add(WatchRequest(.single("silent")))
        try watcher.created(id)
        #expect(try watcher.next(deadline: .after(.seconds(2))) == nil)
        #expect(watcher.interruption == nil)
        try server.client().put("silent", "1")
        #expect(try watcher.events(1, of: id).count == 1)
        #expect(proxy.acceptedCount == 1)
    }

    @Test func responseLargerThanTheServersLimitIsWholeWithFragmentsAndWithout() throws {
        let server = try EtcdServer(arguments: ["--max-request-bytes", "2000000"])
        let client = try server.client()
        let value = [UInt8](repeating: 0x61, count: 900_000)
        let first = try #require(try client.put(PutRequest("large/0", value), deadline: .far).header).revision
        for number in 1..<8 {
            try client.put(PutRequest(Key("large/\(number)"), value), deadline: .far)
        }
        let watcher = try Watcher(.hasty(server.endpoint))
        for allowsFragments in [true, false] {
            var request = WatchRequest(.prefix("large/"), startRevision: first)
            request.allowsFragments = allowsFragments
            let id = watcher.add(request)
            try watcher.created(id)
            let response = try watcher.response()
            #expect(response.events.map(\.key.description) == (0..<8).map { "large/\($0)" })
            #expect(response.events.allSatisfy { $0.keyValue.value == value })
            watcher.cancel(id)
        }
    }

    @Test(arguments: [1, 3, 5, 7, 9])
    func fragmentsOfABrokenConnectionAreNotDelivered(megabytes: Int) throws {
        let server = try EtcdServer(arguments: ["--max-request-bytes", "2000000"])
        let client = try server.client()
        let value = [UInt8](repeating: 0x61, count: 900_000)
        let revisions = try (0..<12).map { number in
            let put = PutRequest(Key("large/\(number)"), value)
            return try #require(try client.put(put, deadline: .far).header).revision
        }
        let proxy = try TCPProxy(to: server.clientPort, .closeBehind(answerBytes: megabytes * 1_000_000), .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        var request = WatchRequest(.prefix("large/"), startRevision: revisions[0])
        request.allowsFragments = true
        let id = watcher.add(request)
        try watcher.created(id)
        #expect(try watcher.response().events.map(\.revision) == revisions)
        #expect(proxy.acceptedCount == 2)
        #expect(try watcher.next(deadline: .after(.milliseconds(20))) == nil)
    }

    @Test func historyThatComesInPartsGoesOnBehindTheLastPart() throws {
        let client = try server.client()
        let revisions = try (0..<2500).map { try client.put("history", "\($0)") }
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        let id = watcher.add(WatchRequest(.single("history"), startRevision: revisions[0]))
        try watcher.created(id)
        var events: [WatchEvent] = []
        while events.count < revisions.count {
            let response = try watcher.response()
            events += response.events
            // The header speaks of the whole store, of which a thousand revisions come at a time.
            #expect(response.header.revision >= revisions[2499])
            proxy.cut(then: .forward)
        }
        #expect(events.map(\.revision) == revisions)
        #expect(proxy.acceptedCount >= 3)
    }

    @Test func compactedStartEndsTheWatchAndTellsWhereToGoOn() throws {
        let client = try server.client()
        let watcher = try Watcher(.hasty(server.endpoint))
        let first = try client.put("compacted", "1")
        let second = try client.put("compacted", "2")
        let third = try client.put("compacted", "3")
        try server.client().compact(revision: second, deadline: .far)
        let id = watcher.add(WatchRequest(.single("compacted"), startRevision: first))
        let cancellation = try watcher.cancellation(of: id)
        guard case .compacted(let revision) = cancellation else {
            Issue.record("\(cancellation)")
            return
        }
        #expect(revision == second)
        #expect(watcher.watchIDs.isEmpty)
        let next = watcher.add(WatchRequest(.single("compacted"), startRevision: revision))
        try watcher.created(next)
        #expect(try watcher.events(2, of: next).map(\.revision) == [second, third])
    }

    @Test func compactionDuringAnOutageIsToldAndNothingIsMadeUp() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        let id = watcher.add(WatchRequest(.single("compacted")))
        let other = watcher.add(WatchRequest(.single("other")))
        try watcher.created(id)
        try watcher.created(other)
        let client = try server.client()
        try client.put("compacted", "1")
        #expect(try watcher.events(1, of: id).count == 1)
        proxy.cut(then: .close)
        #expect(try watcher.next(deadline: .after(.milliseconds(20))) == nil)
        try client.put("compacted", "2")
        let last = try client.put("compacted", "3")
        try server.client().compact(revision: last, deadline: .far)
        proxy.cut(then: .forward)
        // In no order: the server may tell of the second one a tenth of a second later.
        var ended: Set<WatchID> = []
        while ended.count < 2 {
            let response = try watcher.response()
            #expect(response.content == .canceled(.compacted(revision: last)))
            ended.insert(try #require(response.watchID))
        }
        #expect(ended == [id, other])
        // As documented: read, and watch from behind the answer.
        let answer = try client.range(RangeRequest(.single("compacted")), deadline: .far)
        #expect(answer.keyValues.map(\.modRevision) == [last])
        let start = try #require(answer.header).revision + 1
        let next = watcher.add(WatchRequest(.single("compacted"), startRevision: start))
        try watcher.created(next)
        let after = try client.put("compacted", "4")
        #expect(try watcher.events(1, of: next).map(\.revision) == [after])
    }

    @Test func progressMovesAWatchOnSoThatCompactionDoesNotOvertakeIt() throws {
        let server = try EtcdServer(arguments: ["--experimental-watch-progress-notify-interval", "100ms"])
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        var request = WatchRequest(.single("rare"))
        request.notifiesProgress = true
        let id = watcher.add(request)
        try watcher.created(id)
        let client = try server.client()
        var revision: Int64 = 0
        for number in 0..<10 {
            revision = try client.put("frequent", "\(number)")
        }
        var response = try watcher.response()
        while response.header.revision < revision {
            response = try watcher.response()
        }
        #expect(response.watchID == id)
        #expect(response.content == .progress)
        try server.client().compact(revision: revision, deadline: .far)
        proxy.cut(then: .forward)
        let written = try client.put("rare", "1")
        repeat {
            response = try watcher.response()
        } while response.content == .progress
        #expect(response.events.map(\.revision) == [written])
    }

    @Test func outageIsSurvivedWithoutAnEndpointThatServes() throws {
        let refusing = try RefusingPort()
        let proxy = try TCPProxy(.silence)
        let watcher = try Watcher(.hasty(refusing.endpoint, proxy.endpoint))
        let id = watcher.add(WatchRequest(.single("outage")))
        #expect(try watcher.next(deadline: .after(.seconds(2))) == nil)
        let interruption = try #require(watcher.interruption)
        #expect(interruption.code == .unreachable)
        #expect(interruption.attempts.map(\.endpoint) == [refusing.endpoint, proxy.endpoint])
        watcher.cancel(id)
        #expect(try watcher.next(deadline: .now) == nil)
    }

    @Test(arguments: [nil, UserCredentials(name: "root", password: Secret("a password"))])
    func cancellationEndsAWatcherThatTriesToConnect(user: UserCredentials?) throws {
        let proxies = try (0..<2).map { _ in try TCPProxy(.silence) }
        // One that is connected, and does not answer: the request for a token waits for it.
        let silent = try ScriptedGRPCServer()
        for endpoints in [
            proxies[0].endpoint, "\(proxies[0].endpoint),\(proxies[1].endpoint)", "127.0.0.1:1", silent.endpoint,
        ] {
            var configuration = try EtcdConfiguration.hasty(endpoints)
            configuration.connectTimeout = .seconds(40)
            configuration.requestTimeout = .seconds(40)
            configuration.stagger = .seconds(40)
            configuration.user = user
            let cancellation = Cancellation()
            let watcher = try Watcher(configuration, cancellation: cancellation)
            watcher.add(WatchRequest(.single("key")))
            #expect(try watcher.next(deadline: .after(.milliseconds(100))) == nil)
            let canceling = BackgroundCall {
                Thread.sleep(forTimeInterval: 0.1)
                cancellation.cancel()
            }
            let begin = Deadline.now
            let error = try #require(throws: EtcdError.self) { try watcher.next(deadline: .far) }
            #expect(error.code == .canceled)
            #expect(Deadline.now.duration(since: begin) < .seconds(20))
            _ = try canceling.value()
        }
    }
}
