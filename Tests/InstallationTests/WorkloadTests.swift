import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// What deploy/ runs in the cluster, held against the programs, the installer and the image.
@Suite(
    .timeLimit(.minutes(10)),
    .enabled(if: Kustomization.canBeBuilt, "the kustomize of kubectl before 1.21 knows no directories as resources")
)
struct WorkloadTests {
    private let server: APIServer

    init() throws {
        server = try SharedAPIServer.started()
    }

    static let folders = [
        "examples/node-slices", "examples/reconciler-deployment", "examples/uninstall", "overlays/etcd",
        "overlays/etcd-secure",
        "overlays/kubernetes",
    ]

    private func containers(_ folder: String) throws -> [Workload.Container] {
        try Workload.all(folder, on: server).flatMap(\.containers)
    }

    private func file(_ name: String) throws -> String {
        try String(contentsOf: Checkout.root.appendingPathComponent(name), encoding: .utf8)
    }

    private func sources() throws -> String {
        let files = try RunningProcess.run(
            "find",
            Checkout.root.appendingPathComponent("Sources").path,
            "-name",
            "*.swift"
        )
        return try files.split(separator: "\n").map { try String(contentsOfFile: String($0), encoding: .utf8) }
            .joined()
    }

    /// The programs that the image has.
    private func programs() throws -> [Substring] {
        let list = try #require(try file("script/build-image").firstMatch(of: /\nprograms=\(([a-z -]+)\)\n/)?.1)
        return list.split(separator: " ")
    }

    @Test(arguments: [
        ("examples/reconciler-deployment", ["DaemonSet whereabouts", "Deployment ip-reconciler"]),
        ("examples/node-slices", ["Deployment whereabouts-node-slice-controller"]),
        ("examples/uninstall", ["DaemonSet whereabouts-uninstall"]),
        ("overlays/etcd", ["CronJob ip-reconciler", "DaemonSet whereabouts"]),
        ("overlays/etcd-secure", ["CronJob ip-reconciler", "DaemonSet whereabouts"]),
        ("overlays/kubernetes", ["CronJob ip-reconciler", "DaemonSet whereabouts"]),
    ])
    func theyAre(folder: String, workloads: [String]) throws {
        #expect(try Workload.all(folder, on: server).map(\.description).sorted() == workloads)
    }

    @Test(arguments: folders) func theImageHasTheirPrograms(folder: String) throws {
        let present = try programs().map { "/\($0)" } + ["/install-cni.sh", "/bin/sleep"]
        let installer = try file("script/install-cni.sh")
        for container in try containers(folder) {
            #expect(present.contains(container.command.first ?? ""), "\(container)")
            if container.program == "install-cni.sh" {
                let verb = try #require(container.command.dropFirst().first)
                #expect(installer.contains(" 1:\(verb)) ") || installer.contains(" [01]:\(verb)) "), "\(verb)")
            }
        }
    }

    @Test(arguments: folders) func theArgumentsAreOptionsOfTheirPrograms(folder: String) throws {
        let programs = try programs()
        for container in try containers(folder) where programs.contains(Substring(container.program)) {
            let path = Checkout.root.appendingPathComponent(".build/debug/\(container.program)").path
            let help = try RunningProcess.run(path, "--help")
            for argument in container.command.dropFirst() {
                let option = argument.prefix { $0 != "=" }
                #expect(option.hasPrefix("--"))
                let line = help.split(separator: "\n").first { $0.hasPrefix("  \(option) ") || $0 == "  \(option)" }
                let stated = try #require(line, "\(container.program) has no \(option)")
                #expect(argument.contains("=") == stated.hasPrefix("  \(option) <"), "\(argument): \(stated)")
            }
        }
    }

    /// Each variable is one that the program reads, by its name in the sources.
    @Test(arguments: folders) func theVariablesAreRead(folder: String) throws {
        let installer = try file("script/install-cni.sh")
        let sources = try sources()
        for container in try containers(folder) {
            for variable in container.variables {
                let isRead =
                    container.program == "install-cni.sh"
                    ? installer.contains("${\(variable)-") || installer.contains("${\(variable):-")
                    : sources.contains("\"\(variable)\"")
                #expect(isRead, "\(container.name) is given \(variable)")
            }
        }
    }

    /// A path in the flat file leads to the same file for the plugin and for all containers, and what they are told to open is there.
    @Test(arguments: folders) func theNodesDirectoriesAreWhereTheNodeHasThem(folder: String) throws {
        for container in try containers(folder) {
            for mount in container.mounts where mount.hostPath != nil {
                #expect(mount.path == mount.hostPath)
            }
            for argument in container.command.dropFirst() {
                guard let path = argument.firstMatch(of: /=(\/.*)/)?.1 else { continue }
                #expect(container.sees(String(path)), "\(container.name): \(argument)")
            }
        }
    }

    /// What the plugin keeps on the node is the control loop's too: the journal, its locks and its tokens.
    @Test(arguments: folders.filter { !["examples/node-slices", "examples/uninstall"].contains($0) })
    func theControlLoopSeesWhatThePluginKeeps(
        folder: String
    ) throws {
        let loop = try #require(try containers(folder).first { $0.program == "ip-control-loop" })
        let kept = try sources().matches(of: /"(\/(?:var\/lib|run)\/whereabouts[^"]*)"/).map { String($0.1) }
        #expect(Set(kept).count >= 3)
        for path in kept {
            #expect(loop.sees(path), "\(path)")
            #expect(loop.mounts.filter { !$0.isReadOnly }.contains { path.hasPrefix($0.path + "/") }, "\(path)")
        }
        // The kubeconfig is written, where there is one.
        let configurations = try #require(loop.mounts.first { $0.path == "/etc/cni/net.d" })
        #expect(configurations.isReadOnly == !loop.command.contains { $0.hasPrefix("--plugin-kubeconfig=") })
        #expect(configurations.isReadOnly == (folder != "overlays/kubernetes"))
        #expect(try #require(loop.mounts.first { $0.path == "/var/lib/cni" }).isReadOnly)
    }

    @Test(arguments: folders) func theyHaveNoMorePrivilegesThanTheyNeed(folder: String) throws {
        for workload in try Workload.all(folder, on: server) {
            for container in workload.containers {
                let context = container.securityContext
                #expect(context["allowPrivilegeEscalation"] as? Bool == false)
                #expect(context["readOnlyRootFilesystem"] as? Bool == true)
                #expect((context["capabilities"] as? [String: [String]])?["drop"] == ["ALL"])
                #expect(context["privileged"] == nil && context["runAsUser"] == nil)
                #expect(
                    (container.mounts.allSatisfy(\.isReadOnly))
                        == (workload.name == "ip-reconciler" || container.mounts.isEmpty)
                )
            }
            let context = try #require(workload.podSpec["securityContext"] as? [String: Any])
            #expect((context["seccompProfile"] as? [String: String])?["type"] == "RuntimeDefault")
            #expect(workload.podSpec["hostPID"] == nil && workload.podSpec["hostIPC"] == nil)
        }
    }

    /// Nothing but the kubelet's own node can ask there.
    @Test func theProbesAskTheLoopbackThatTheControlLoopListensOn() throws {
        let loop = try #require(try containers("overlays/etcd").first { $0.program == "ip-control-loop" })
        let targets = loop.probes.compactMap { $0["httpGet"] as? [String: Any] }
        #expect(targets.compactMap { $0["path"] as? String } == ["/healthz", "/readyz"])
        for target in targets {
            #expect(target["host"] as? String == "127.0.0.1")
            #expect(target["port"] as? Int == 9742)
        }
        let workload = try #require(try Workload.all("overlays/etcd", on: server).first { $0.kind == "DaemonSet" })
        #expect(workload.podSpec["hostNetwork"] as? Bool == true)
    }

    @Test(arguments: folders) func theImageIsTheOneThatIsBuilt(folder: String) throws {
        // whereabouts VERSION PLATFORM
        let version = try RunningProcess.run(Plugin.path, "--version").split(separator: " ")[1]
        for container in try containers(folder) {
            #expect(container.image == "localhost/whereabouts:\(version)")
        }
        #expect(try file("Dockerfile").contains("\nARG VERSION=\(version)\n"))
        #expect(try file("script/build-image").contains("\nname=localhost/whereabouts:$version\n"))
    }

    /// The Deployment is a copy of the CronJob, and has to remain one.
    @Test func theDeploymentDoesWhatTheCronJobDoes() throws {
        let job = try #require(try Workload.all("overlays/etcd", on: server).first { $0.kind == "CronJob" })
        let deployment = try #require(
            try Workload.all("examples/reconciler-deployment", on: server).first { $0.kind == "Deployment" }
        )
        #expect(job.labels == deployment.labels)
        func essence(_ workload: Workload) throws -> String {
            var spec = workload.podSpec
            spec["restartPolicy"] = nil
            var containers = try #require(spec["containers"] as? [[String: Any]])
            containers[0]["args"] = (containers[0]["args"] as? [String])?.filter { $0 != "--daemon" }
            spec["containers"] = containers
            return String(
                decoding: try JSONSerialization.data(withJSONObject: spec, options: .sortedKeys),
                as: UTF8.self
            )
        }
        #expect(try essence(job) == essence(deployment))
        #expect(deployment.containers[0].command.contains("--daemon"))
        #expect(!job.containers[0].command.contains("--daemon"))
    }
}
