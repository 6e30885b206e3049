import EtcdClient
import EtcdLab
import KubernetesClient
import KubernetesLab
import TestSupport
import Testing

/// What goes wrong between client and server, and what is repeated.
@Suite(.timeLimit(.minutes(10))) struct FaultTests {
    /// A way to the server on which frames of HTTP/2 can be lost: TLS, the proxy, and a front that speaks TLS with the server.
    private struct LossyWay {
        let back: HTTPFront
        let proxy: TCPProxy
        let front: TLSFront

        init(_ behaviors: TCPProxy.Behavior...) throws {
            back = try HTTPFront(to: SharedAPIServer.server().port, .clearText)
            proxy = try TCPProxy(to: back.port, behaviors[0])
            front = try TLSFront(to: proxy.endpoint, server: .serverECDSA, version: "TLSv1.3")
        }
    }

    private static func front(_ rules: String...) throws -> HTTPFront {
        try HTTPFront(to: SharedAPIServer.server().port, rules: rules)
    }

    @Test func busyServerIsLeftAloneAsLongAsItSays() throws {
        let front = try Self.front(
            #"http-request return status 429 hdr Retry-After 1 content-type text/plain string busy if { sc_http_req_cnt(0) le 2 }"#
        )
        let client = try APIClient(port: front.port)
        let begin = Deadline.now
        #expect(try client.create("p").object != nil)
        #expect(Deadline.now.duration(since: begin) >= .seconds(2))
        let requests = try front.requests(atLeast: 3)
        #expect(requests.count == 3, "\(requests)")
    }

    @Test func busyServerThatWantsMoreTimeThanThereIs() throws {
        let front = try Self.front(
            #"http-request return status 429 hdr Retry-After 3600 content-type text/plain string busy"#
        )
        let client = try APIClient(port: front.port)
        let read = try client.readFailure()
        #expect(read.code == .timedOut)
        #expect(
            read.message.contains("has too much to do to get ippools.whereabouts.cni.cncf.io p in namespace"),
            "\(read)"
        )
        // It was certainly not carried out.
        #expect(try client.writeFailure().code == .unreachable)
        #expect(try front.requests(atLeast: 2).count == 2)
    }

    @Test(arguments: [500, 502, 503, 504])
    func readIsRepeatedWhenTheServerFails(status: Int) throws {
        let front = try Self.front("http-request return status \(status) if { sc_http_req_cnt(0) le 3 }")
        #expect(try APIClient(port: front.port).send(.get, "p") == .missing)
        #expect(try front.requests(atLeast: 4).count == 4)
    }

    @Test func readThatAlwaysFailsEndsByTheDeadline() throws {
        let front = try Self.front("http-request return status 503 content-type text/plain string \"no\\nserver\"")
        let error = try APIClient(port: front.port).readFailure(deadline: .after(.seconds(1)))
        #expect(error.code == .timedOut)
        #expect(error.message.contains("(503)"), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test(arguments: [500, 502, 503, 504])
    func writeIsNotRepeatedWhenTheServerFails(status: Int) throws {
        // The server carries it out, and the client never knows.
        let front = try Self.front("http-response set-status \(status) if { method POST }")
        let client = try APIClient(port: front.port)
        let error = try client.writeFailure()
        #expect(error.code == .outcomeUnknown)
        #expect(error.message.contains("(\(status))"), "\(error)")
        #expect(try client.send(.get, "p").object != nil)
        let requests = try front.requests(atLeast: 2)
        #expect(requests.map { $0.prefix(4) } == ["POST", "GET "], "\(requests)")
    }

    @Test func answerOfAWriteThatIsNoObjectLeavesItsOutcomeOpen() throws {
        let front = try Self.front(#"http-request return status 200 content-type text/html string "<html>""#)
        let client = try APIClient(port: front.port)
        #expect(try client.writeFailure().code == .outcomeUnknown)
        #expect(try client.readFailure().code == .malformedReply)
    }

    @Test(arguments: [400, 403, 500])
    func webhookThatRefusesIsNamed(status: Int) throws {
        let words = #"admission webhook \"policy.example.com\" denied the request: no pools here"#
        let body = #"{"kind":"Status","status":"Failure","message":"\#(words)","code":\#(status)}"#
        let quoted = body.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(" ", with: "\\ ")
        let front = try Self.front(
            "http-request return status \(status) content-type application/json string \(quoted)"
        )
        let error = try APIClient(port: front.port).writeFailure()
        #expect(error.code == (status == 500 ? .outcomeUnknown : .refused(status: status)))
        #expect(error.message.contains(#"admission webhook "policy.example.com" denied the request"#), "\(error)")
        #expect(error.description.contains("Have the webhook leave the resource ippools alone"), "\(error)")
    }

    @Test func webhookThatCanNotBeCalledIsNamed() throws {
        let client = try APIClient()
        try client.server.kubectl("label", "namespace", client.namespace, "webhook=\(client.namespace)")
        try client.server.kubectl(
            "create",
            "--validate=false",
            "--filename",
            "-",
            input: """
                {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
                 "metadata": {"name": "\(client.namespace)"}, "webhooks": [{
                   "name": "nobody.example.com", "failurePolicy": "Fail", "sideEffects": "None", "timeoutSeconds": 1,
                   "admissionReviewVersions": ["v1"], "clientConfig": {"url": "https://127.0.0.1:1/"},
                   "namespaceSelector": {"matchLabels": {"webhook": "\(client.namespace)"}},
                   "rules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["ippools"]}]}]}
                """
        )
        // The server hears of it some time later.
        var number = 0
        var failure: KubernetesError?
        while failure == nil {
            number += 1
            do { try client.create("p\(number)") } catch let error as KubernetesError { failure = error }
        }
        let error = try #require(failure)
        #expect(error.message.contains(#"failed calling webhook "nobody.example.com""#), "\(error)")
        #expect(error.description.contains("or repair it"), "\(error)")
    }

    @Test func slowAnswerIsWaitedForUntilTheDeadline() throws {
        let way = try LossyWay(.holdSecondReply)
        let client = try APIClient(port: way.front.port)
        // Two answers pass.
        #expect(try client.send(.get, "p") == .missing)
        #expect(try client.send(.get, "p") == .missing)
        let error = try client.writeFailure(deadline: .after(.seconds(2)))
        #expect(error.code == .outcomeUnknown)
        #expect(error.message.contains("did not answer to create ippools"), "\(error)")
        #expect(try way.back.requests(atLeast: 3).filter { $0.hasPrefix("POST") }.count == 1)
        #expect(try client.serverHas("p"))
        // The next one takes another connection.
        #expect(try client.send(.get, "p").object != nil)
        #expect(way.proxy.acceptedCount == 2)
    }

    @Test func connectionThatIsCutBeforeTheAnswer() throws {
        let way = try LossyWay(.loseReply)
        let client = try APIClient(port: way.front.port)
        let write = try client.writeFailure()
        #expect(write.code == .outcomeUnknown)
        #expect(try client.serverHas("p"))
        #expect(try way.back.requests(atLeast: 1).count == 1)
        let read = try client.readFailure(deadline: .after(.seconds(2)))
        #expect(read.code == .timedOut)
        #expect(try way.back.requests(atLeast: 1).count > 2)
        way.proxy.cut(then: .forward)
        #expect(try client.send(.get, "p").object != nil)
    }

    @Test func connectionThatIsCutBeforeTheRequestArrives() throws {
        let way = try LossyWay(.loseRequest)
        let client = try APIClient(port: way.front.port)
        #expect(try client.writeFailure().code == .outcomeUnknown)
        #expect(try !client.serverHas("p"))
        #expect(try way.back.requests(atLeast: 0).isEmpty)
    }

    @Test func connectionThatWasCutWhileNobodySpoke() throws {
        let proxy = try TCPProxy(to: SharedAPIServer.server().port)
        let client = try APIClient(port: proxy.port)
        #expect(try client.send(.get, "p") == .missing)
        for number in 1...20 {
            let accepted = proxy.acceptedCount
            proxy.cut(then: .forward)
            // It was in nobody's hands: the write is sent once, on another connection.
            #expect(try client.create("p\(number)").object != nil)
            #expect(proxy.acceptedCount == accepted + 1)
        }
    }

    @Test func connectionThatIsClosedInTheHandshakeIsMadeAgain() throws {
        let proxy = try TCPProxy(to: SharedAPIServer.server().port, .close, .close, .forward)
        #expect(try APIClient(port: proxy.port).create("p").object != nil)
        #expect(proxy.acceptedCount >= 3)
    }

    @Test func connectionThatIsAlwaysClosedInTheHandshake() throws {
        let proxy = try TCPProxy(.close)
        let error = try APIClient(port: proxy.port).writeFailure(deadline: .after(.seconds(1)))
        #expect(error.code == .unreachable)
        #expect(proxy.acceptedCount > 1)
    }

    @Test func serverThatSaysNothing() throws {
        let proxy = try TCPProxy(.silence)
        let client = try APIClient(port: proxy.port)
        #expect(try client.writeFailure(deadline: .after(.seconds(1))).code == .unreachable)
        #expect(try client.readFailure(deadline: .after(.seconds(1))).code == .unreachable)
    }

    @Test func deadlineThatHasPassedSendsNothing() throws {
        let proxy = try TCPProxy(to: SharedAPIServer.server().port)
        let client = try APIClient(port: proxy.port)
        #expect(try client.readFailure(deadline: .after(.zero)).code == .timedOut)
        #expect(try client.writeFailure(deadline: .after(.zero)).code == .timedOut)
        #expect(proxy.acceptedCount == 0)
    }

    @Test func nameThatIsNotFound() throws {
        let error = try APIClient(host: "no.such.name.invalid").writeFailure(deadline: .after(.seconds(1)))
        #expect(error.code == .unreachable)
        #expect(error.message.contains("is not found: no.such.name.invalid: "), "\(error)")
        #expect(error.advice?.contains("DNS") == true)
    }

    @Test func connectionsThatTheServerSaysGoodbyeTo() throws {
        // The shared server does so by chance, once in fifty requests.
        let proxy = try TCPProxy(to: SharedAPIServer.server().port)
        let client = try APIClient(port: proxy.port)
        for number in 0..<800 {
            if number.isMultiple(of: 4) {
                #expect(try client.create("p\(number)").object != nil)
            } else {
                #expect(try client.send(.get, "p\(number / 4 * 4)").object != nil)
            }
        }
        #expect(proxy.acceptedCount > 1)
    }
}
