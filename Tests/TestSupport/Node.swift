public import EtcdLab
internal import Foundation

/// A node as the main CNI plugins see it: a network namespace for their bridges and links, so that the host's firewall,
/// routes and sysctls neither matter nor change, and the directory in which plugins find each other.
public final class Node {
    /// Where Debian has the reference plugins.
    public static let mainPlugins = "/usr/lib/cni"

    /// The node's network namespace.
    public let namespace: NetworkNamespace

    private let pluginPath: URL

    /// Makes a node without pods.
    public init() throws {
        namespace = try NetworkNamespace("node")
        pluginPath = FileManager.default.temporaryDirectory.appendingPathComponent("cni-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: pluginPath, withIntermediateDirectories: true)
        // The tests' etcd listens on the host's loopback, so this one plugin goes back to the host's namespace.
        let whereabouts = """
            #!/bin/sh
            exec /usr/bin/nsenter --net=/proc/\(ProcessInfo.processInfo.processIdentifier)/ns/net '\(Plugin.path)'
            """
        let file = pluginPath.appendingPathComponent("whereabouts")
        try Data(whereabouts.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }

    deinit {
        try? FileManager.default.removeItem(at: pluginPath)
    }

    /// Calls a main plugin as a container runtime does; the container is named after its namespace.
    public func call(
        _ command: String,
        _ plugin: String,
        pod: NetworkNamespace,
        configuration: [String: Any]
    ) throws -> RunningProcess.Outcome {
        try namespace.run(
            "\(Self.mainPlugins)/\(plugin)",
            environment: [
                "CNI_COMMAND": command, "CNI_CONTAINERID": pod.name, "CNI_NETNS": pod.path, "CNI_IFNAME": "eth0",
                "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=lab;K8S_POD_NAME=\(pod.name)",
                "CNI_PATH": "\(pluginPath.path):\(Self.mainPlugins)", "NODENAME": "node-a",
            ],
            input: try JSONSerialization.data(withJSONObject: configuration),
            secret: PlantedPassword.text
        )
    }

    /// The CNI versions that a main plugin says it speaks; none when it is not installed.
    public static func versions(of plugin: String) -> [String] {
        let path = "\(mainPlugins)/\(plugin)"
        let outcome = try? RunningProcess(path, environment: ["CNI_COMMAND": "VERSION"], input: Data("{}".utf8)).wait()
        return outcome?.json?["supportedVersions"] as? [String] ?? []
    }
}
