import EtcdClient
import EtcdLab
import Foundation
import JSON
import KubernetesClient
import KubernetesLab
import TestSupport
import Testing

/// As whom the server knows the client.
@Suite(.timeLimit(.minutes(10))) struct CredentialTests {
    private func files(_ client: TLSFixture) -> String {
        #""client-certificate": "\#(client.certificate)", "client-key": "\#(client.key)""#
    }

    private func data(_ client: TLSFixture) throws -> String {
        #""client-certificate-data": "\#(try base64(client.certificate))", "client-key-data": "\#(try base64(client.key))""#
    }

    @Test(arguments: [TLSFixture.clientECDSA, .clientRSA])
    func clientCertificateNamesTheUser(certificate: TLSFixture) throws {
        for user in [files(certificate), try data(certificate)] {
            let error = try APIClient(user: user).readFailure()
            #expect(error.code == .forbidden)
            #expect(error.message.contains(#"User "whereabouts" cannot get resource "ippools""#), "\(error)")
        }
    }

    @Test(arguments: [
        (TLSFixture.clientOtherCA, "signed by unknown authority"), (.clientExpired, "certificate has expired"),
    ])
    func clientCertificateThatTheServerDoesNotAccept(certificate: TLSFixture, reason: String) throws {
        let error = try APIClient(user: files(certificate)).readFailure()
        #expect(error.code == .unauthorized)
        #expect(error.message.contains("does not know who asks (401)"), "\(error)")
        #expect(error.advice?.contains("the certificate of the kubeconfig's user") == true)
    }

    @Test(arguments: [
        (TLSFixture?.none, "certificate required"), (.clientOtherCA, "unknown ca"),
        (.clientExpired, "certificate expired"),
    ])
    func clientCertificateThatAFrontDoesNotAccept(certificate: TLSFixture?, alert: String) throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port, .tls(.serverECDSA, clientCA: TLSFixture.ca))
        let client = try APIClient(port: front.port, user: certificate.map(files) ?? #""token": "a-token""#)
        // The server ends the connection while the client may still speak: each time it must be told.
        for number in 0..<50 {
            let error = try number.isMultiple(of: 2) ? client.readFailure() : client.writeFailure()
            #expect(error.code == .handshakeFailed)
            #expect(error.message.contains(alert), "\(error)")
        }
    }

    @Test func keyOfAnotherCertificateIsNone() throws {
        let user =
            #""client-certificate": "\#(TLSFixture.clientECDSA.certificate)", "client-key": "\#(TLSFixture.clientNobody.key)""#
        let error = try APIClient(user: user).readFailure()
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("the client-key for the API server"), "\(error)")
        #expect(error.message.contains("is not that of the client-certificate"), "\(error)")
    }

    @Test func unknownTokenIsRefused() throws {
        let error = try APIClient(user: #""token": "hunter2""#).readFailure()
        #expect(error.code == .unauthorized)
        #expect(!error.description.contains("hunter2"))
    }

    @Test func withoutCredentialsTheUserIsAnonymous() throws {
        let error = try APIClient(user: "").readFailure()
        #expect(error.code == .forbidden)
        #expect(error.message.contains("system:anonymous"), "\(error)")
    }

    @Test func tokenFileIsReadAgain() throws {
        let directory = try ScratchDirectory("token")
        func write(_ token: String) throws {
            try (token + "\n").write(toFile: directory.path("token"), atomically: true, encoding: .utf8)
        }
        try write("hunter2")
        let client = try APIClient(user: #""tokenFile": "\#(directory.path("token"))""#)
        #expect(try client.readFailure().code == .unauthorized)
        try write(APIServer.adminToken)
        #expect(try client.create("p").object != nil)
        // The one that was read still holds; the file is not looked at.
        try write("hunter2")
        #expect(try client.send(.get, "p").object != nil)
    }

    @Test func kubeconfigIsReadAgain() throws {
        let server = try SharedAPIServer.server()
        let namespace = try server.makeNamespace()
        let path = try server.kubeconfig(#""token": "hunter2""#, namespace: namespace)
        let client = try KubernetesClient(.kubeconfig(path: path))
        let request = APIRequest(.get, KubernetesClientTests.pools, namespace: namespace, name: "p")
        let error = try #require(throws: KubernetesError.self) { try client.send(request, deadline: .far) }
        #expect(error.code == .unauthorized)
        let text = try String(contentsOfFile: path, encoding: .utf8).replacing("hunter2", with: APIServer.adminToken)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try client.send(request, deadline: .far) == .missing)
    }

    @Test func aWriteThatIsNotAuthorizedIsSentOnceMoreOnly() throws {
        let front = try HTTPFront(to: SharedAPIServer.server().port)
        let client = try APIClient(port: front.port, user: #""token": "hunter2""#)
        #expect(try client.writeFailure().code == .unauthorized)
        #expect(try client.readFailure().code == .unauthorized)
        #expect(try front.requests(atLeast: 4).map { $0.prefix(4) } == ["POST", "POST", "GET ", "GET "])
    }
}
