import EtcdClient
import EtcdLab
import Foundation
import Synchronization
import TestSupport
import Testing

/// What a `MemberProxy` does with connections, seen from both of their ends.
///
/// One after the other: each blocks a thread of the pool that the proxy's tasks need, and there may be two only.
@Suite(.serialized, .timeLimit(.minutes(5))) struct MemberProxyTests {
    private let member: LoopbackSocket
    private let proxy: MemberProxy

    init() throws {
        member = try LoopbackSocket.bound()
        proxy = try MemberProxy(to: "127.0.0.1", port: Int(member.port), seed: 1)
    }

    /// A connection through the proxy, both ends of it.
    private func connection() throws -> (client: LoopbackSocket, member: LoopbackSocket) {
        try member.listen()
        let client = try LoopbackSocket.connected(to: UInt16(proxy.port))
        return (client, try #require(member.accept()))
    }

    private func readAll(_ socket: LoopbackSocket) -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = socket.read() { bytes += more }
        return bytes
    }

    @Test(arguments: [
        MemberProxy.Conduct.forwarding, .delaying(.milliseconds(1)...(.milliseconds(30))),
    ])
    func bytesPassInOrderAndEachDirectionEndsByItself(conduct: MemberProxy.Conduct) throws {
        proxy.conduct = conduct
        let (client, member) = try connection()
        let question = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let writing = BackgroundCall {
            for start in stride(from: 0, to: question.count, by: 1000) {
                client.write(Array(question[start..<start + 1000]))
            }
            client.finishWriting()
        }
        #expect(readAll(member) == question)
        try writing.value()
        // The other direction is still open.
        member.write([1, 2, 3])
        member.finishWriting()
        #expect(readAll(client) == [1, 2, 3])
    }

    @Test func delayIsThatOfBothWays() throws {
        proxy.conduct = .delaying(.milliseconds(100)...(.milliseconds(120)))
        let start = ContinuousClock.now
        let (client, member) = try connection()
        #expect(ContinuousClock.now - start >= .milliseconds(100))
        let asked = ContinuousClock.now
        client.write([1])
        #expect(member.read() == [1])
        #expect(ContinuousClock.now - asked >= .milliseconds(100))
        proxy.conduct = .forwarding
        member.write([2])
        #expect(client.read() == [2])
    }

    /// Whoever reads nothing is sent no more than what is under way.
    @Test func writerWaitsForTheReader() throws {
        let (client, member) = try connection()
        let total = 256 << 20
        let sent = SentCount()
        let writing = BackgroundCall {
            let part = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<(total >> 20) {
                client.write(part)
                sent.add(part.count)
            }
            client.finishWriting()
        }
        // Until it has begun, and stands still.
        var last = 0
        while last == 0 || last != sent.value {
            last = sent.value
            Thread.sleep(forTimeInterval: 0.3)
        }
        #expect(last < total / 2)
        var count = 0
        while let bytes = member.read() { count += bytes.count }
        #expect(count == total)
        try writing.value()
    }

    @Test func resetIsAReset() throws {
        for resetsClient in [true, false] {
            var (left, right): (LoopbackSocket?, LoopbackSocket?) = try connection()
            if !resetsClient { swap(&left, &right) }
            left?.write([1])
            #expect(right?.read() == [1])
            left?.resetAtEnd()
            left = nil
            #expect(right?.isResetAtEnd() == true)
        }
    }

    @Test func memberThatIsNotThereResetsTheClient() throws {
        // The port is the member's, and nobody listens there.
        let client = try LoopbackSocket.connected(to: UInt16(proxy.port))
        #expect(client.isResetAtEnd())
    }

    @Test func endOfTheProxyEndsConnections() throws {
        let (client, member) = try connection()
        client.write([1])
        #expect(member.read() == [1])
        proxy.close()
        #expect(client.isResetAtEnd())
        #expect(member.isResetAtEnd())
        #expect(throws: (any Error).self) { try LoopbackSocket.connected(to: UInt16(proxy.port)) }
    }

    /// What the client is told that it can't know has happened.
    @Test(arguments: [false, true]) func cutConnectionLosesTheAnswerToWhatWasCommitted(usesTLS: Bool) throws {
        let etcd = try EtcdServer(
            security: usesTLS ? .tls(server: .serverECDSA, clientAuthentication: false) : .plain
        )
        let proxy = try MemberProxy(to: "127.0.0.1", port: Int(etcd.clientPort), seed: 5)
        proxy.conduct = .cutting
        func client(_ endpoint: String) throws -> EtcdClient {
            var configuration = EtcdConfiguration(endpoints: try Endpoint.list(endpoint))
            configuration.tls = usesTLS ? TLSConfiguration(caFile: TLSFixture.ca) : TLSConfiguration()
            return try EtcdClient(configuration)
        }
        let direct = try client(etcd.endpoint)
        var (unknown, done) = (0, 0)
        for number in 0..<200 where unknown == 0 || done == 0 {
            let key = Key("cut/\(number)")
            do {
                try client(proxy.endpoint).put(PutRequest(key, "value"), deadline: .after(.seconds(20)))
                done += 1
            } catch let error as EtcdError where error.code == .outcomeUnknown {
                let found = try direct.range(RangeRequest(.single(key)), deadline: .after(.seconds(20)))
                unknown += found.keyValues.count
            } catch {}
        }
        #expect(unknown > 0, "no commit was followed by a lost answer")
        #expect(done > 0, "no connection was long enough")
        #expect(proxy.cutCount > 0)
    }
}

/// A number that a thread adds to and a test looks at.
private final class SentCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add(_ number: Int) { count.withLock { $0 += number } }
}
