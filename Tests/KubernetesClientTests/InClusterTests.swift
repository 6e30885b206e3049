import EtcdClient
import EtcdLab
import Foundation
import KubernetesLab
import Testing

@testable import KubernetesClient

@Suite struct InClusterTests {
    let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory("service-account")
        try String(contentsOfFile: TLSFixture.ca, encoding: .utf8)
            .write(toFile: directory.path("ca.crt"), atomically: true, encoding: .utf8)
        try write("namespace", "here\n")
        try write("token", "a-token\n")
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: directory.path(name), atomically: true, encoding: .utf8)
    }

    private func source(_ host: String, _ port: String) -> ClusterSource {
        .inCluster(
            environment: ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port],
            serviceAccount: directory.url.path
        )
    }

    @Test(arguments: [("10.96.0.1", "10.96.0.1:443"), ("fd00::1", "[fd00::1]:443"), ("[fd00::1]", "[fd00::1]:443")])
    func settingsOfAPod(host: String, server: String) throws {
        let access = try source(host, "443").access()
        #expect(access.server.authority == server)
        #expect(access.namespace == "here")
        #expect(access.isServerVerified)
        #expect(access.credentials == .tokenFile(directory.path("token")))
    }

    @Test func outsideOfAPodThereAreNone() throws {
        let error = try #require(throws: KubernetesError.self) {
            try KubernetesClient(.inCluster(environment: [:], serviceAccount: directory.url.path))
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("KUBERNETES_SERVICE_HOST"))
        #expect(error.advice == "Name a kubeconfig.")
    }

    @Test(arguments: ["ca.crt", "namespace", "token"])
    func missingFileIsNamed(file: String) throws {
        try FileManager.default.removeItem(atPath: directory.path(file))
        let source = source("10.96.0.1", "443")
        let error = try #require(throws: KubernetesError.self) { try KubernetesClient(source) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("can't be read: No such file"), "\(error)")
    }

    @Test func authorityWithoutACertificateIsNamed() throws {
        try write("ca.crt", "no PEM")
        let source = source("10.96.0.1", "443")
        let error = try #require(throws: KubernetesError.self) { try KubernetesClient(source) }
        #expect(error.message.contains("\(directory.path("ca.crt")) holds no PEM certificate"), "\(error)")
    }

    @Test func portIsChecked() throws {
        let source = source("10.96.0.1", "tcp")
        let error = try #require(throws: KubernetesError.self) { try KubernetesClient(source) }
        #expect(error.message.contains("KUBERNETES_SERVICE_PORT, 10.96.0.1:tcp, has no port"), "\(error)")
    }

    @Test func serviceAccountIsWhoAsks() throws {
        let server = try SharedAPIServer.server()
        let namespace = try server.makeNamespace()
        try write("token", server.serviceAccountToken("asking", namespace: namespace))
        let client = try KubernetesClient(source("127.0.0.1", "\(server.port)"))
        let error = try #require(throws: KubernetesError.self) {
            try client.send(
                APIRequest(.get, KubernetesClientTests.pools, namespace: namespace, name: "p"),
                deadline: .after(.seconds(60))
            )
        }
        #expect(error.code == .forbidden)
        #expect(error.message.contains("system:serviceaccount:\(namespace):asking"), "\(error)")
    }
}
