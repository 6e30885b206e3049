import EtcdClient
import EtcdLab
import Foundation
import JSON
import KubernetesClient
import TestSupport
import Testing

/// What becomes of a watch when a server, or the way to it, does as it should not.
@Suite(.timeLimit(.minutes(10))) struct WatchFaultTests {
    private typealias Step = ScriptedStreamServer.Step

    private func watch(_ server: ScriptedStreamServer) throws -> APIWatch {
        let client = try APIClient(port: server.port)
        return client.client.watch(client.pools, from: "1")
    }

    private static func line(_ type: String, version: Int, padding: Int = 0) -> String {
        let filler = String(repeating: "x", count: padding)
        return
            #"{"type":"\#(type)","object":{"metadata":{"name":"p\#(version)","resourceVersion":"\#(version)"},"filler":"\#(filler)"}}"#
            + "\n"
    }

    private static func failure(_ code: Int, _ reason: String) -> String {
        #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"\#(reason)","code":\#(code)}}"# + "\n"
    }

    @Test func eventsThatAreSplitOverFrames() throws {
        let small = Self.line("ADDED", version: 2) + "\n" + Self.line("MODIFIED", version: 3)
        let large = (4..<8).map { Self.line("ADDED", version: $0, padding: 300_000) }.joined()
        let server = try ScriptedStreamServer(small.utf8.map { .data([$0]) } + [.text(large)])
        let watch = try watch(server)
        #expect(
            try watch.events(6) == ["ADDED p2", "MODIFIED p3", "ADDED p4", "ADDED p5", "ADDED p6", "ADDED p7"]
        )
        #expect(watch.resourceVersion == "7")
    }

    @Test func eventThatIsTooLarge() throws {
        let first = Self.line("ADDED", version: 2)
        let server = try ScriptedStreamServer(
            [.text(first), .data(Array(repeating: UInt8(ascii: "x"), count: 40 << 20))],
            [.text(Self.line("ADDED", version: 3))]
        )
        let watch = try watch(server)
        #expect(try watch.events(1) == ["ADDED p2"])
        let error = try #require(throws: KubernetesError.self) { try watch.next(deadline: .far) }
        #expect(error.code == .malformedReply)
        #expect(error.message.contains("the answer to watch ippools.whereabouts.cni.cncf.io in namespace"), "\(error)")
        #expect(error.message.contains("more than 16777216 bytes"), "\(error)")
        #expect(try watch.events(1) == ["ADDED p3"])
        #expect(server.resetCount == 1)
    }

    @Test(arguments: [false, true])
    func eventThatIsNotWholeIsNotTold(isCut: Bool) throws {
        let event = Self.line("ADDED", version: 3, padding: 50_000)
        let server = try ScriptedStreamServer(
            [.text(Self.line("ADDED", version: 2)), .text(String(event.dropLast())), isCut ? .cut : .end],
            [.text(event)]
        )
        let watch = try watch(server)
        #expect(try watch.events(1) == ["ADDED p2"])
        guard case .ended(let error)? = try watch.next(deadline: .far) else {
            Issue.record("it goes on")
            return
        }
        #expect((error == nil) == !isCut)
        if isCut {
            #expect(error?.isUnavailability == true)
        }
        #expect(watch.resourceVersion == "2")
        #expect(try watch.events(1) == ["ADDED p3"])
    }

    @Test func versionThatTheServerDoesNotHave() throws {
        let status = #"{"kind":"Status","status":"Failure","message":"too old","code":410}"#
        for answer in [
            [Step.status(410), .text(status), .end], [.text(Self.failure(410, "too old")), .end],
            [.text(Self.failure(410, "too old"))],
        ] {
            let server = try ScriptedStreamServer(answer)
            let watch = try watch(server)
            for _ in 0..<3 {
                #expect(try watch.next(deadline: .far) == .expired)
            }
        }
    }

    @Test func streamsThatEndAtOnceTellThatTheVersionIsNotThere() throws {
        let server = try ScriptedStreamServer([.end])
        let watch = try watch(server)
        #expect(try watch.next(deadline: .far) == .ended(nil))
        #expect(try watch.next(deadline: .far) == .ended(nil))
        #expect(try watch.next(deadline: .far) == .expired)
    }

    @Test func failureInTheStream() throws {
        let server = try ScriptedStreamServer(
            [.text(Self.line("ADDED", version: 2) + Self.failure(500, "no leader"))],
            [.text(Self.failure(403, "go away"))],
            [.text(Self.line("ADDED", version: 3))]
        )
        let watch = try watch(server)
        #expect(try watch.events(1) == ["ADDED p2"])
        guard case .ended(let error?)? = try watch.next(deadline: .far) else {
            Issue.record("it goes on")
            return
        }
        #expect(error.message.contains("failed to watch ippools"), "\(error)")
        #expect(error.message.contains("no leader"), "\(error)")
        #expect(try #require(throws: KubernetesError.self) { try watch.next(deadline: .far) }.code == .forbidden)
        #expect(try watch.events(1) == ["ADDED p3"])
    }

    @Test(arguments: [
        "<html>\n", #"{"type":"ADDED"}"# + "\n", #"{"type":"ADDED","object":{"metadata":{"name":"p"}}}"# + "\n",
        #"{"type":"SWAPPED","object":{"metadata":{"resourceVersion":"7"}}}"# + "\n",
        #"{"type":"ERROR","object":{"metadata":{"resourceVersion":"7"}}}"# + "\n", "\0\n", "[]\n",
    ])
    func whatIsNoEvent(text: String) throws {
        let server = try ScriptedStreamServer([.text(text)], [.text(Self.line("ADDED", version: 3))])
        let watch = try watch(server)
        #expect(try #require(throws: KubernetesError.self) { try watch.next(deadline: .far) }.code == .malformedReply)
        #expect(watch.resourceVersion == "1")
        #expect(try watch.events(1) == ["ADDED p3"])
    }

    @Test func serverThatIsGoneWithoutAWord() throws {
        let silent = try ScriptedStreamServer([.text(Self.line("ADDED", version: 2))])
        let gone = try ScriptedStreamServer(
            [.text(Self.line("ADDED", version: 2))],
            [.text(Self.line("ADDED", version: 3))],
            answersPings: false
        )
        let (watchOfSilent, watchOfGone) = try (watch(silent), watch(gone))
        #expect(try watchOfSilent.events(1) == ["ADDED p2"])
        #expect(try watchOfGone.events(1) == ["ADDED p2"])
        let begin = Deadline.now
        // Whoever looks in only now and then has it asked too.
        while try watchOfSilent.next(deadline: .after(.milliseconds(100))) == nil {
            guard let outcome = try watchOfGone.next(deadline: .after(.seconds(2))) else { continue }
            guard case .ended(let error?) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(error.message.contains("does not say any more that it is there"), "\(error)")
            break
        }
        let time = Deadline.now.duration(since: begin)
        #expect(time > .seconds(25) && time < .seconds(60), "\(time)")
        #expect(try watchOfGone.events(1) == ["ADDED p3"])
        // The one that answers is waited for.
        #expect(try watchOfSilent.next(deadline: .after(.seconds(3))) == nil)
    }

    @Test func streamThatNobodyReadsStaysWithTheServer() throws {
        let events = (2..<27).map { Self.line("ADDED", version: $0, padding: 1 << 20) }
        let answer = #"{"kind":"IPPool","metadata":{"name":"p"}}"#
        let server = try ScriptedStreamServer(events.map { .text($0) }, [.text(answer), .end])
        let client = try APIClient(port: server.port)
        let watch = client.client.watch(client.pools, from: "1")
        #expect(try watch.events(1) == ["ADDED p2"])
        // The connection serves others meanwhile, and takes in what comes.
        for _ in 0..<100 {
            #expect(try client.send(.get, "p").object != nil)
            Thread.sleep(forTimeInterval: 0.01)
        }
        let sent = server.sentCount
        #expect(sent > 8 << 20 && sent < 20 << 20, "\(sent)")
        #expect(try watch.events(24) == (3..<27).map { "ADDED p\($0)" })
    }

    @Test func watchThatIsLeftLeavesTheConnection() throws {
        let answer = #"{"kind":"IPPool","metadata":{"name":"p"}}"#
        let server = try ScriptedStreamServer(
            [.text(Self.line("ADDED", version: 2))],
            [.text(answer), .end]
        )
        let client = try APIClient(port: server.port)
        do {
            let watch = client.client.watch(client.pools, from: "1")
            #expect(try watch.events(1) == ["ADDED p2"])
        }
        let connections = server.connectionCount
        for _ in 0..<3 {
            #expect(try client.send(.get, "p").object != nil)
        }
        #expect(server.resetCount == 1)
        #expect(server.connectionCount == connections)
    }

    @Test func shortDeadlinesAreEnoughForASlowServer() throws {
        let server = try ScriptedStreamServer([.delay(seconds: 1), .text(Self.line("ADDED", version: 2))])
        let watch = try watch(server)
        var outcome: APIWatch.Outcome?
        for _ in 0..<5 where outcome == nil {
            outcome = try watch.next(deadline: .after(.milliseconds(50)))
        }
        guard case .event(let event)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(event.text == "ADDED p2")
    }

    @Test func serverThatSaysNothingIsLeftAfterSeconds() throws {
        let proxy = try TCPProxy(.silence)
        let client = try APIClient(port: proxy.port)
        let watch = client.client.watch(client.pools, from: "1")
        let begin = Deadline.now
        let error = try #require(throws: KubernetesError.self) {
            try watch.next(deadline: .after(.milliseconds(100)))
        }
        #expect(error.isUnavailability, "\(error)")
        #expect(Deadline.now.duration(since: begin) < .seconds(15))
    }

    @Test func deadlineThatHasPassedTellsWhatHasCome() throws {
        let server = try ScriptedStreamServer([.text(Self.line("ADDED", version: 2) + Self.line("ADDED", version: 3))])
        let watch = try watch(server)
        let error = try #require(throws: KubernetesError.self) { try watch.next(deadline: .after(.zero)) }
        #expect(error.code == .timedOut)
        #expect(try watch.events(1) == ["ADDED p2"])
        guard case .event(let event)? = try watch.next(deadline: .after(.zero)) else {
            Issue.record("it has come")
            return
        }
        #expect(event.text == "ADDED p3")
        #expect(try watch.next(deadline: .after(.zero)) == nil)
    }
}
