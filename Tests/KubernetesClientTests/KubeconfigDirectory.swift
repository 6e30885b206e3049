import EtcdLab
import Foundation

@testable import KubernetesClient

/// A directory with a kubeconfig and the files that it names.
struct KubeconfigDirectory {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory("kubeconfig")
    }

    var path: String { directory.path("config") }

    /// Writes a file beside the kubeconfig, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let path = directory.path(name)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Reads a text as a kubeconfig.
    func access(_ text: String) throws -> ClusterAccess {
        try write("config", text)
        return try Kubeconfig(path: path).access()
    }

    /// Reads a kubeconfig of one context, whose lines for the cluster and the user are these.
    func access(cluster: [String] = [], user: [String] = [], context: [String] = []) throws -> ClusterAccess {
        try access(Self.text(cluster: cluster, user: user, context: context))
    }

    /// A kubeconfig of one context in YAML.
    static func text(cluster: [String] = [], user: [String] = [], context: [String] = []) -> String {
        func lines(_ texts: [String]) -> String {
            texts.map { "\n    \($0)" }.joined()
        }
        let hasServer = cluster.contains { $0.hasPrefix("server:") }
        return """
            apiVersion: v1
            kind: Config
            current-context: there
            clusters:
            - name: c
              cluster:\(lines((hasServer ? [] : ["server: https://127.0.0.1:6443"]) + cluster))
            users:
            - name: u
              user:\(user.isEmpty ? " {}" : lines(user))
            contexts:
            - name: there
              context:\(lines(["cluster: c", "user: u"] + context))

            """
    }
}

/// A file as its Base64 text in one line.
func base64(_ path: String) throws -> String {
    try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()
}
