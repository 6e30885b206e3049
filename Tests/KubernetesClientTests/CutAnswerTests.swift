import EtcdClient
import KubernetesClient
import TestSupport
import Testing

/// Answers that end before they are whole, by the server's hand or in a proxy that hides it.
@Suite(.timeLimit(.minutes(10))) struct CutAnswerTests {
    typealias Step = ScriptedStreamServer.Step

    private static let whole: [Step] = [.text(#"{"kind": "IPPool", "metadata": {"name": "p"}}"#), .end]
    /// REFUSED_STREAM and NO_ERROR of RFC 9113 section 7.
    private static let (refused, noError): (UInt8, UInt8) = (7, 0)

    /// Each ends too early, also where a proxy has ended it as if it were whole.
    private static let cut: [[Step]] = [
        [.end],
        [.text("{"), .end],
        [.text(#"{"kind": "IPPool", "metadata": {"name": "p"}"#), .end],
        [.cut],
        [.text("{"), .cut],
        [.text("{"), .reset(code: noError)],
        [.text("{"), .reset(code: refused)],
        [.reset(code: noError)],
        [.reset(code: refused)],
    ]

    @Test(arguments: cut)
    func readIsRepeated(answer: [Step]) throws {
        let server = try ScriptedStreamServer(answer, answer, Self.whole)
        #expect(try APIClient(port: server.port).send(.get, "p").object != nil)
        #expect(server.requestCount == 3)
    }

    @Test(arguments: cut)
    func outcomeOfAWriteIsOpenAndItIsNotRepeated(answer: [Step]) throws {
        let server = try ScriptedStreamServer(answer, Self.whole)
        #expect(try APIClient(port: server.port).writeFailure().code == .outcomeUnknown)
        #expect(server.requestCount == 1)
    }

    @Test func readWhoseAnswersAreAlwaysTheSameIsGivenUp() throws {
        let server = try ScriptedStreamServer([.text("{"), .end])
        #expect(try APIClient(port: server.port).readFailure().code == .malformedReply)
        #expect(server.requestCount == 6)
    }

    /// haproxy, which ends what its server has left unfinished.
    @Test(arguments: [[Step.cut], [.text("{"), .cut]])
    func readIsRepeatedBehindAProxyThatHidesTheCut(answer: [Step]) throws {
        let server = try ScriptedStreamServer(answer, Self.whole)
        let front = try HTTPFront(to: server.port)
        #expect(try APIClient(port: front.port).send(.get, "p").object != nil)
        #expect(server.requestCount == 2)
    }
}
