import EtcdClient
import EtcdLab
import Foundation
import Testing

@testable import KubernetesClient

@Suite struct KubeconfigTests {
    let directory: KubeconfigDirectory

    init() throws {
        directory = try KubeconfigDirectory()
    }

    @Test func yamlAsKubectlWritesIt() throws {
        let access = try directory.access(
            """
            # A comment
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: >-
                  \(try base64(TLSFixture.otherCA))
                server: https://elsewhere:1
              name: other
            - cluster:
                certificate-authority-data: \(try base64(TLSFixture.ca))
                server: "https://api.example:6443"
                tls-server-name: kubernetes
              name: 'production: eu'
            contexts:
            - context: {cluster: "production: eu", namespace: kube-system, user: node}
              name: admin@production
            current-context: admin@production
            kind: Config
            preferences: {}
            users:
            - name: node
              user:
                token: a-token
            """
        )
        #expect(access.server.authority == "api.example:6443")
        #expect(access.serverName == "kubernetes")
        #expect(access.namespace == "kube-system")
        #expect(access.credentials == .token(Secret("a-token")))
        #expect(try access.authorities == String(contentsOfFile: TLSFixture.ca, encoding: .utf8))
    }

    @Test func jsonAsProgramsWriteIt() throws {
        let access = try directory.access(
            #"{"apiVersion":"v1","clusters":[{"cluster":{"certificate-authority":"\#(TLSFixture.ca)","server":"https:\/\/[fd00::1]:6443\/base\/"},"name":"c"}],"#
                + #""contexts":[{"context":{"cluster":"c","user":"u"},"name":"t"}],"current-context":"t","users":[{"name":"u","user":{"token":"a\u002dtoken"}}]}"#
        )
        #expect(access.server.authority == "[fd00::1]:6443")
        #expect(access.server.basePath == "/base")
        #expect(access.serverName == "fd00::1")
        #expect(access.namespace == nil)
        #expect(access.credentials == .token(Secret("a-token")))
    }

    @Test func jsonMayBeIndentedWithTabs() throws {
        let text =
            "{\n\t\"current-context\": \"t\",\n\t\"clusters\": [\n\t\t{\"name\": \"c\", \"cluster\": {\"server\": \"https://h\",\n\t\t\t\"insecure-skip-tls-verify\": true}}\n\t],\n"
            + "\t\"contexts\": [{\"name\": \"t\", \"context\": {\"cluster\": \"c\"}}]\n}\n"
        let access = try directory.access(text)
        #expect(access.server.authority == "h:443")
        #expect(!access.isServerVerified)
        #expect(access.credentials == .none)
    }

    @Test func filesAreBesideTheKubeconfig() throws {
        for (name, path) in [
            ("ca.crt", TLSFixture.ca), ("client.crt", TLSFixture.clientECDSA.certificate),
            ("client.key", TLSFixture.clientECDSA.key),
        ] {
            try directory.write(name, String(contentsOfFile: path, encoding: .utf8))
        }
        let access = try directory.access(
            cluster: ["certificate-authority: ca.crt"],
            user: ["client-certificate: client.crt", "client-key: ./client.key", "tokenFile: token"]
        )
        #expect(access.credentials == .tokenFile(directory.path.replacing("/config", with: "/token")))
        #expect(access.isServerVerified)
        #expect(access.identity?.certificateChain.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
        #expect(access.identity?.privateKey.revealed.contains("PRIVATE KEY") == true)
    }

    @Test func dataTakesPrecedenceOverFiles() throws {
        let access = try directory.access(
            cluster: ["certificate-authority: /nowhere", "certificate-authority-data: \(try base64(TLSFixture.ca))"],
            user: [
                "client-certificate: /nowhere", "client-key: /nowhere",
                "client-certificate-data: \(try base64(TLSFixture.clientECDSA.certificate))",
                "client-key-data: \(try base64(TLSFixture.clientECDSA.key))",
            ]
        )
        #expect(try access.authorities == String(contentsOfFile: TLSFixture.ca, encoding: .utf8))
        #expect(access.identity != nil)
    }

    @Test func tokenFileTakesPrecedenceOverToken() throws {
        let access = try directory.access(user: ["token: a", "tokenFile: /run/token"])
        #expect(access.credentials == .tokenFile("/run/token"))
    }

    @Test func whatIsEmptyIsNotThere() throws {
        let access = try directory.access(
            cluster: [
                "tls-server-name: ''", "certificate-authority-data: ''", "certificate-authority: \(TLSFixture.ca)",
                "proxy-url: ''",
            ],
            user: ["token: ''", "tokenFile: ''", "client-certificate-data: ''", "username: ''", "exec: null"],
            context: ["namespace: ''"]
        )
        #expect(access.serverName == "127.0.0.1")
        #expect(access.namespace == nil)
        #expect(access.credentials == .none)
        #expect(access.identity == nil)
        #expect(access.proxy == nil)
    }

    @Test func withoutAnAuthorityThatOfTheHostCounts() throws {
        guard let store = TrustStore.file() else { return }
        let access = try directory.access()
        #expect(try access.authorities?.hasSuffix(String(contentsOfFile: store, encoding: .utf8).suffix(1000)) == true)
    }

    @Test(arguments: [
        ("http://proxy.example", "proxy.example:80", nil),
        ("http://proxy.example:3128/", "proxy.example:3128", nil),
        ("http://user:word@proxy.example:3128", "proxy.example:3128", "user:word"),
        ("http://user@[::1]:3128", "[::1]:3128", "user:"),
        ("http://us%40er:w%3a%2Ford@proxy.example:3128", "proxy.example:3128", "us@er:w:/ord"),
    ])
    func proxy(url: String, authority: String, credentials: String?) throws {
        let proxy = try #require(try directory.access(cluster: ["proxy-url: \(url)"]).proxy)
        #expect(proxy.url.authority == authority)
        let expected = credentials.map { "Basic " + Data($0.utf8).base64EncodedString() }
        #expect(proxy.authorization?.revealed == expected)
    }

    @Test func nothingPrintsASecret() throws {
        let access = try directory.access(
            cluster: ["proxy-url: http://user:hunter2@proxy.example"],
            user: [
                "token: hunter2", "client-certificate: \(TLSFixture.clientECDSA.certificate)",
                "client-key: \(TLSFixture.clientECDSA.key)",
            ]
        )
        let key = try String(contentsOfFile: TLSFixture.clientECDSA.key, encoding: .utf8).split(separator: "\n")[1]
        var dumped = ""
        dump(access, to: &dumped)
        let client = try KubernetesClient(.kubeconfig(path: directory.path))
        dump(client, to: &dumped)
        for text in [dumped, "\(access)", String(reflecting: access), "\(client)"] {
            #expect(!text.contains("hunter2") && !text.contains(key))
            #expect(!text.contains(Data("user:hunter2".utf8).base64EncodedString()))
        }
    }
}
