public import EtcdLab
internal import Foundation
internal import Synchronization

/// A real kube-apiserver with an etcd of its own, on loopback, with RBAC; the custom resources of this project are installed.
///
/// It ends with its owner, and with the process in any case.
public final class APIServer {
    /// Who may do anything.
    public static let adminToken = "admin-token-of-tests"

    /// The port of the API.
    public private(set) var port: UInt16 = 0
    /// The etcd that has the objects.
    public let etcd: EtcdServer

    private let directory: ScratchDirectory
    private var arguments: [String]
    private var process: ServerProcess?

    /// The program, which is built once where the machine has none; it takes minutes then.
    private static let executable = Mutex<String?>(nil)

    /// Starts a server and waits until it serves.
    public init(arguments: [String] = []) throws {
        self.arguments = arguments
        etcd = try EtcdServer()
        directory = try ScratchDirectory("apiserver")
        try writeKeys()
        try start()
        try install(Manifest.definitions())
    }

    deinit {
        stop()
    }

    /// The API's URL.
    public var url: String { "https://127.0.0.1:\(port)" }

    private static func program() throws -> String {
        try executable.withLock { known in
            if let known { return known }
            let script = Checkout.root.appendingPathComponent("script/kube-apiserver").path
            let outcome = try RunningProcess(script).wait()
            guard outcome.status == 0, let path = outcome.output.split(separator: "\n").last else {
                throw APIServerFailure(reason: outcome.errors)
            }
            known = String(path)
            return String(path)
        }
    }

    private func writeKeys() throws {
        let key = directory.path("sa.key")
        let made = try RunningProcess(
            "/usr/bin/openssl",
            ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]
        ).wait()
        guard made.status == 0 else { throw APIServerFailure(reason: made.errors) }
        let published = try RunningProcess(
            "/usr/bin/openssl",
            ["ec", "-in", key, "-pubout", "-out", directory.path("sa.pub")]
        ).wait()
        guard published.status == 0 else { throw APIServerFailure(reason: published.errors) }
        let tokens = "\(Self.adminToken),admin,admin,\"system:masters\"\nuser-token-of-tests,user,user\n"
        try Data(tokens.utf8).write(to: directory.url.appendingPathComponent("tokens.csv"))
    }

    /// Starts the server, again on its port once it had one.
    public func start(with more: [String] = []) throws {
        let program = try Self.program()
        var log = ""
        for _ in 0..<10 {
            if port == 0 || !log.isEmpty { port = .random(in: 40_000..<60_000) }
            let logFile = directory.path("apiserver.log")
            let process = try ServerProcess(
                program,
                [
                    "--etcd-servers=\(etcd.clientURL)", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
                    "--secure-port=\(port)", "--tls-cert-file=\(TLSFixture.serverECDSA.certificate)",
                    "--tls-private-key-file=\(TLSFixture.serverECDSA.key)", "--client-ca-file=\(TLSFixture.ca)",
                    "--cert-dir=\(directory.url.path)", "--service-account-issuer=\(url)",
                    "--service-account-signing-key-file=\(directory.path("sa.key"))",
                    "--service-account-key-file=\(directory.path("sa.pub"))",
                    "--token-auth-file=\(directory.path("tokens.csv"))", "--authorization-mode=RBAC",
                    "--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none",
                    "--disable-admission-plugins=ServiceAccount", "--profiling=false",
                ] + arguments + more,
                log: logFile
            )
            if waitUntilReady(process) {
                self.process = process
                return
            }
            process.kill()
            log = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "no log"
        }
        throw APIServerFailure(reason: String(log.suffix(2000)))
    }

    private func waitUntilReady(_ process: ServerProcess) -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline, process.isRunning {
            if let answer = try? curl("/readyz"), answer.output == "ok" { return true }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return false
    }

    /// Kills the server; its objects stay.
    public func stop() {
        process?.kill()
        process = nil
    }

    /// Asks for a path of the API as the administrator.
    public func curl(_ path: String, _ arguments: String...) throws -> RunningProcess.Outcome {
        try RunningProcess(
            "/usr/bin/curl",
            ["--silent", "--cacert", TLSFixture.ca, "--header", "Authorization: Bearer \(Self.adminToken)"] + arguments
                + [url + path]
        ).wait()
    }

    /// Runs kubectl as the administrator, and returns what it prints.
    @discardableResult
    public func kubectl(_ arguments: String..., input: String = "") throws -> String {
        let command =
            ["kubectl", "--server", url, "--certificate-authority", TLSFixture.ca, "--token", Self.adminToken]
            + arguments
        let environment = [
            "HOME": directory.url.path, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        let outcome = try RunningProcess("/usr/bin/env", command, environment: environment, input: Data(input.utf8))
            .wait()
        guard outcome.status == 0 else {
            throw APIServerFailure(reason: "kubectl \(arguments.joined(separator: " ")): \(outcome.errors)")
        }
        return outcome.output
    }

    /// Installs resource definitions, and waits until they are served.
    public func install(_ definitions: String) throws {
        try kubectl("apply", "--validate=false", "--filename", "-", input: definitions)
        try kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
    }

    /// Makes a namespace, in which the plugin's service account may do what the shipped manifest permits, and returns its name and the path of
    /// that account's kubeconfig.
    public func makePluginNamespace(_ group: Manifest.Group = .cncf) throws -> (name: String, kubeconfig: String) {
        let name = try makeNamespace()
        let manifest = try Manifest.text("rbac/plugin.yaml", group)
        try kubectl("apply", "--validate=false", "--namespace", name, "--filename", "-", input: manifest)
        let token = try serviceAccountToken("whereabouts", namespace: name)
        return (name, try kubeconfig(#""token": "\#(token)""#, namespace: name))
    }

    /// Makes a namespace of a name by chance.
    public func makeNamespace() throws -> String {
        let name = "test-\(UUID().uuidString.prefix(8).lowercased())"
        try kubectl("create", "namespace", name)
        return name
    }

    /// A token of a service account, which is made with it; it holds as long as the secret is there, if one is named, and for an hour at most.
    public func serviceAccountToken(_ name: String, namespace: String, secret: String? = nil) throws -> String {
        _ = try? kubectl("create", "serviceaccount", name, "--namespace", namespace)
        let bound =
            secret.map { #", "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": "\#($0)"}"# } ?? ""
        let request =
            #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":[],"expirationSeconds":3600\#(bound)}}"#
        let path = "/api/v1/namespaces/\(namespace)/serviceaccounts/\(name)/token"
        let answer = try kubectl("create", "--raw", path, "--filename", "-", input: request)
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        guard let token = (object?["status"] as? [String: Any])?["token"] as? String else {
            throw APIServerFailure(reason: "no token in \(answer)")
        }
        return token
    }

    /// Writes a kubeconfig and returns its path.
    public func kubeconfig(
        _ user: String = #""token": "\#(APIServer.adminToken)""#,
        cluster: String? = nil,
        namespace: String
    ) throws -> String {
        let cluster = cluster ?? #""server": "\#(url)", "certificate-authority": "\#(TLSFixture.ca)""#
        let text = """
            {"apiVersion": "v1", "kind": "Config", "current-context": "test",
             "clusters": [{"name": "cluster", "cluster": {\(cluster)}}],
             "users": [{"name": "user", "user": {\(user)}}],
             "contexts": [{"name": "test", "context": {"cluster": "cluster", "user": "user", "namespace": "\(namespace)"}}]}
            """
        let path = directory.path("kubeconfig-\(UUID().uuidString)")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
