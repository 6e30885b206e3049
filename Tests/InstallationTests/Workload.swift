import EtcdLab
import Foundation
import KubernetesLab

/// What a folder of deploy/ runs in the cluster, as the API server takes it.
struct Workload: CustomStringConvertible {
    /// DaemonSet, CronJob or Deployment.
    let kind: String
    /// Its name.
    let name: String
    /// Its labels.
    let labels: [String: String]
    /// What its pods are.
    let podSpec: [String: Any]

    var description: String { "\(kind) \(name)" }

    /// Those of a folder; nothing is changed on the server.
    static func all(_ folder: String, on server: APIServer) throws -> [Workload] {
        let manifests = try Kustomization(folder: folder).build(for: server)
        let answer = try server.kubectl(
            "apply",
            "--dry-run=server",
            "--output",
            "json",
            "--filename",
            "-",
            input: manifests
        )
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any] ?? [:]
        return (object["items"] as? [[String: Any]] ?? [object]).compactMap { Workload($0) }
    }

    /// Nil for an object that runs nothing.
    private init?(_ object: [String: Any]) {
        guard let kind = object["kind"] as? String, let metadata = object["metadata"] as? [String: Any],
            let name = metadata["name"] as? String, var spec = object["spec"] as? [String: Any]
        else { return nil }
        if let job = spec["jobTemplate"] as? [String: Any] { spec = job["spec"] as? [String: Any] ?? [:] }
        guard let template = spec["template"] as? [String: Any], let podSpec = template["spec"] as? [String: Any] else {
            return nil
        }
        self.kind = kind
        self.name = name
        self.podSpec = podSpec
        labels = (template["metadata"] as? [String: Any])?["labels"] as? [String: String] ?? [:]
    }

    /// Its containers, those that run first included.
    var containers: [Container] {
        ["initContainers", "containers"].flatMap { podSpec[$0] as? [[String: Any]] ?? [] }
            .map { Container($0, volumes: podSpec["volumes"] as? [[String: Any]] ?? []) }
    }

    /// A container of its pods.
    struct Container {
        /// A directory that it sees.
        struct Mount: Hashable {
            /// Where it sees it.
            let path: String
            /// The directory of the node that it is; nil for what is not the node's.
            let hostPath: String?
            /// Whether it may not write there.
            let isReadOnly: Bool
        }

        let name: String
        let image: String
        /// The program with its arguments.
        let command: [String]
        /// The names of its environment's variables, without those of ConfigMaps as a whole.
        let variables: [String]
        let mounts: [Mount]
        let securityContext: [String: Any]
        /// The probes that it has.
        let probes: [[String: Any]]

        fileprivate init(_ object: [String: Any], volumes: [[String: Any]]) {
            name = object["name"] as? String ?? ""
            image = object["image"] as? String ?? ""
            command = (object["command"] as? [String] ?? []) + (object["args"] as? [String] ?? [])
            variables = (object["env"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            mounts = (object["volumeMounts"] as? [[String: Any]] ?? []).map { mount in
                let volume = volumes.first { $0["name"] as? String == mount["name"] as? String }
                return Mount(
                    path: mount["mountPath"] as? String ?? "",
                    hostPath: (volume?["hostPath"] as? [String: Any])?["path"] as? String,
                    isReadOnly: mount["readOnly"] as? Bool ?? false
                )
            }
            securityContext = object["securityContext"] as? [String: Any] ?? [:]
            probes = ["livenessProbe", "readinessProbe"].compactMap { object[$0] as? [String: Any] }
        }

        /// The name of its program.
        var program: String { String(command.first?.split(separator: "/").last ?? "") }

        /// Whether it sees the node's file or directory at a path, where the node has it.
        func sees(_ path: String) -> Bool {
            mounts.contains { $0.path == $0.hostPath && (path + "/").hasPrefix($0.path + "/") }
        }
    }
}
