import EtcdLab
import Foundation
import Testing

@testable import KubernetesClient

@Suite struct KubeconfigErrorTests {
    let directory: KubeconfigDirectory

    init() throws {
        directory = try KubeconfigDirectory()
    }

    private func error(_ text: String) throws -> KubernetesError {
        let error = try #require(throws: KubernetesError.self) { try directory.access(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains(directory.path), "\(error)")
        #expect(error.advice?.hasSuffix(".") == true)
        return error
    }

    @Test func missingFileIsNamed() throws {
        let error = try #require(throws: KubernetesError.self) {
            try KubernetesClient(.kubeconfig(path: "/nowhere/config"))
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("the kubeconfig /nowhere/config can't be read: No such file"), "\(error)")
    }

    @Test(arguments: [
        ("a: [", "is no YAML: line "),
        ("\u{1}", "is no YAML: line "),
        ("\tusers: []", "is no YAML: line 1, column 1"),
        ("a: &x {}\nb: *x\n", "is no YAML: it has an alias (*)"),
        ("? [a]\n: b\n", "is no YAML: a key of a mapping is no text"),
        (String(repeating: "[", count: 100), "is no YAML: it is nested too deeply"),
        (String(repeating: "a: {", count: 100_000), "is no YAML: "),
        ("", "is no mapping"),
        ("- a", "is no mapping"),
        ("{}", "current-context of the kubeconfig"),
        ("current-context: ''", "current-context of the kubeconfig"),
        ("current-context: a", "contexts[a] of the kubeconfig"),
        ("current-context: a\ncontexts: {}", "contexts[a] of the kubeconfig"),
        ("current-context: a\ncontexts: [{name: a}]", "contexts[a].context.cluster of the kubeconfig"),
        ("current-context: a\ncontexts: [{name: a, context: {cluster: b}}]", "clusters[b] of the kubeconfig"),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\nclusters: [{name: b}]",
            "clusters[b].cluster.server of the kubeconfig"
        ),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: b, user: c}}]\nclusters: [{name: b, cluster: {server: https://h}}]",
            "users[c] of the kubeconfig"
        ),
    ])
    func unusableDocument(text: String, message: String) throws {
        let error = try error(text)
        #expect(error.message.contains(message), "\(error)")
    }

    @Test(arguments: [
        ("server: h:6443", "must begin with https://"),
        ("server: http://h:6443", "must begin with https://"),
        ("server: https://", "has no host"),
        ("server: https://:6443", "has no host"),
        ("server: https://h:0", "has no port"),
        ("server: https://h:65536", "has no port"),
        ("server: https://h:+80", "has no port"),
        ("server: https://fd00::1", "has no port"),
        ("server: https://[h]:1", "has brackets without an IPv6 address"),
        ("server: https://h/?a=b", "has a character that has no place in it"),
        (#"server: "https://h\r\nX: y""#, "has a character that has no place in it"),
        (#"server: "https://h\u0001""#, "has a character that has no place in it"),
        ("server: https://hö", "has a character that has no place in it"),
    ])
    func unusableServer(line: String, reason: String) throws {
        let error = try error(KubeconfigDirectory.text(cluster: [line]))
        #expect(error.message.hasPrefix("clusters[c].cluster.server of the kubeconfig"), "\(error)")
        #expect(error.message.contains(reason), "\(error)")
        #expect(error.advice == "Write it as https://host:port.")
    }

    @Test func credentialsHaveNoPlaceInTheServersURL() throws {
        let error = try error(KubeconfigDirectory.text(cluster: ["server: https://a:hunter2@h"]))
        #expect(error.message.contains("clusters[c].cluster.server"))
        #expect(!error.description.contains("hunter2"))
    }

    @Test(arguments: [
        ("https://proxy.example", "is for a kind of proxy that is not supported"),
        ("socks5://proxy.example", "is for a kind of proxy that is not supported"),
        ("proxy.example", "must begin with http://"),
        ("http://a:hunter2%4@proxy.example", "has a % that encodes nothing"),
        ("http://a:hunter2%zz@proxy.example", "has a % that encodes nothing"),
        ("http://a:hunter2@", "has no host"),
    ])
    func unusableProxy(url: String, reason: String) throws {
        let error = try error(KubeconfigDirectory.text(cluster: ["proxy-url: \(url)"]))
        #expect(error.message.hasPrefix("clusters[c].cluster.proxy-url of the kubeconfig"), "\(error)")
        #expect(error.message.contains(reason), "\(error)")
        #expect(!error.description.contains("hunter2"))
    }

    @Test(arguments: [
        ("exec: {command: aws}", "exec", "service account"),
        ("auth-provider: {name: gcp}", "auth-provider", "service account"),
        ("username: hunter2", "username", "use a token"), ("as: somebody", "as", "credentials of whom to act as"),
    ])
    func unsupportedCredentialsAreRefused(line: String, key: String, remedy: String) throws {
        let error = try error(KubeconfigDirectory.text(user: [line]))
        #expect(error.message.hasPrefix("users[u].user.\(key) of the kubeconfig"), "\(error)")
        #expect(error.message.hasSuffix("is not supported"))
        #expect(error.advice?.contains(remedy) == true, "\(error)")
        #expect(!error.description.contains("hunter2"))
    }

    @Test(arguments: ["*", "QUJ", "QUJD=", "QQ==QUJD", "Q===", "-----BEGIN CERTIFICATE-----", "QUJD-"])
    func badBase64(text: String) throws {
        let error = try error(KubeconfigDirectory.text(cluster: ["certificate-authority-data: '\(text)'"]))
        #expect(
            error.message.hasPrefix("clusters[c].cluster.certificate-authority-data of the kubeconfig"),
            "\(error)"
        )
        #expect(error.message.hasSuffix("is not Base64"), "\(error)")
    }

    @Test func unusablePEM() throws {
        let text = Data("hunter2".utf8).base64EncodedString()
        let encrypted = TLSFixture.path("client-ecdsa.encrypted.key")
        let certificate = TLSFixture.clientECDSA.certificate
        let cases: [(cluster: [String], user: [String], message: String)] = [
            (["certificate-authority-data: \(text)"], [], "certificate-authority of the kubeconfig"),
            (["certificate-authority: /nowhere/ca"], [], "certificate-authority of \(directory.path) can't be read"),
            ([], ["client-certificate: \(certificate)"], "users[u].user.client-key of the kubeconfig"),
            ([], ["client-key-data: \(text)"], "users[u].user.client-certificate of the kubeconfig"),
            ([], ["client-certificate: \(certificate)", "client-key-data: \(text)"], "holds no PEM private key"),
            ([], ["client-certificate: \(certificate)", "client-key: \(encrypted)"], "is encrypted"),
        ]
        for (cluster, user, message) in cases {
            let error = try error(KubeconfigDirectory.text(cluster: cluster, user: user))
            #expect(error.message.contains(message), "\(error)")
            #expect(!error.description.contains("hunter2") && !error.description.contains(text))
        }
    }

    @Test(arguments: [
        #"token: "hunter2\r\nX: y""#, #"token: "hunter2 and more""#, #"token: "hunter2\0""#, "token: hunter2ö",
    ])
    func tokenThatFitsNoHeader(line: String) throws {
        try directory.write("config", KubeconfigDirectory.text(user: [line]))
        let error = try #require(throws: KubernetesError.self) {
            try KubernetesClient(.kubeconfig(path: directory.path))
        }
        #expect(error.message == "the token of the kubeconfig's user holds no token")
        #expect(!error.description.contains("hunter2"))
    }

    // Lines, not the text: an argument that spans lines would print one that script/test takes for a leak.
    @Test(arguments: [[], [""], ["hunter2", "hunter2"], ["hunter2 hunter2"]])
    func tokenFileWithoutOneToken(lines: [String]) throws {
        try directory.write("config", KubeconfigDirectory.text(user: ["tokenFile: token"]))
        let file = try directory.write("token", lines.map { $0 + "\n" }.joined())
        let error = try #require(throws: KubernetesError.self) {
            try KubernetesClient(.kubeconfig(path: directory.path))
        }
        #expect(error.message == "the token file \(file) holds no token")
        #expect(!error.description.contains("hunter2"))
    }
}
