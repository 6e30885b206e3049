package import ArgumentParser
internal import EtcdClient
internal import Logging
internal import Reconciliation
internal import SystemPackage
internal import Whereabouts

/// `ip-control-loop`.
package struct ControlLoopCommand: ParsableCommand {
    /// The name of the program.
    static let name = "ip-control-loop"

    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: name,
        abstract:
            "Frees at once what pods of this node have left in whereabouts' datastore, and keeps what the plugin needs on the node.",
        discussion: """
            It watches the pods of its node, carries out the releases that the node's journal holds, and keeps the token in the plugin's kubeconfig current. \
            Over HTTP it tells how it is: /metrics for Prometheus, /healthz, and /readyz.

            Exit status: 0 if it was told to end, 1 if something failed, and 2 if options can't be used.
            """,
        version: "\(name) \(About.version)"
    )

    @OptionGroup var place: StoreOptions
    @Option(help: ArgumentHelp("The node. (default: NODENAME)", valueName: "name")) var node: String?
    @Option(
        help: ArgumentHelp("How long it may be between two looks without a cause, such as 5m.", valueName: "duration")
    ) var resync = "5m"
    @Option(
        help: ArgumentHelp(
            "How old an address must be before it is freed: an ADD may last as long, and the runtime notes behind it what it has.",
            valueName: "duration"
        )
    ) var settle = "1m"
    @Option(
        help: ArgumentHelp(
            "Where /metrics, /healthz and /readyz are served, or none.",
            valueName: "address:port"
        )
    ) var listen = "127.0.0.1:9742"
    @Option(
        help: ArgumentHelp(
            "How long it may be between two looks at the pools of all networks for the metrics; 0 for no such metrics.",
            valueName: "duration"
        )
    ) var poolMetrics = "5m"
    @Option(
        name: .customLong("cni-cache"),
        help: ArgumentHelp(
            "A directory in which the container runtime notes its attachments, or none not to ask it; may be repeated. What is noted there is left alone. (default: /var/lib/cni/results)",
            valueName: "directory"
        )
    ) var runtimeCaches: [String] = []
    @Option(
        help: ArgumentHelp(
            "The kubeconfig file that the installer wrote for the plugin, to be kept current.",
            valueName: "file"
        )
    ) var pluginKubeconfig: String?
    @Option(
        help: ArgumentHelp("The directory with the token for it.", valueName: "directory")
    ) var serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"
    @OptionGroup var log: LogOptions

    /// Makes the command, whose options the parser fills.
    package init() {}

    /// Runs the program with the process's arguments, and ends it with its status.
    package static func runProcess() -> Never {
        runProcess { $0 is ControlLoopError ? 1 : nil }
    }

    /// Refuses what can't be.
    package func validate() throws {
        if try DurationOption.seconds(resync, of: "--resync") < 1 {
            throw ValidationError("--resync \(resync) must be 1s or more")
        }
        _ = try DurationOption.seconds(settle, of: "--settle")
        _ = try DurationOption.seconds(poolMetrics, of: "--pool-metrics")
        if listen != "none", ListenAddress(listen) == nil {
            throw ValidationError(
                "--listen \(listen) must be an address and a port of at most 65535, such as 127.0.0.1:9742 or [::1]:9742, or none"
            )
        }
        if runtimeCaches.count > 1, runtimeCaches.contains("none") {
            throw ValidationError(
                "--cni-cache none and --cni-cache DIRECTORY exclude each other; leave one of them out"
            )
        }
        if nodeName.isEmpty {
            throw ValidationError("--node is missing; name the node, or set NODENAME to spec.nodeName of the pod")
        }
    }

    private var nodeName: String {
        node ?? ProcessEnvironment.variables["NODENAME"] ?? ""
    }

    /// Works until the process is ended.
    package func run() throws {
        Termination.handleSignals()
        let logger = log.logger(Self.name)
        let status = LoopStatus()
        let calls = CallTally()
        do throws(Errno) {
            try calls.begin()
        } catch {
            logger.warning("calls of the plugin are not counted: \(calls.directory) can't be made: \(error)")
        }
        if let place = ListenAddress(listen) {
            let port = try MetricsServer.start(place, status: status, calls: calls, logger: logger)
            logger.info("listening on \(place.address) port \(port)")
        }
        let control = NodeControl(
            NodeControl.Settings(
                place: place,
                node: nodeName,
                resync: try DurationOption.seconds(resync, of: "--resync"),
                poolInterval: try DurationOption.seconds(poolMetrics, of: "--pool-metrics"),
                settlingTime: try DurationOption.seconds(settle, of: "--settle"),
                runtimeCaches: runtimeCaches.isEmpty ? ["/var/lib/cni/results"] : runtimeCaches.filter { $0 != "none" },
                kubeconfig: pluginKubeconfig.map { PluginKubeconfig(path: $0, serviceAccount: serviceAccount) }
            ),
            status: status,
            logger: logger
        )
        control.run()
    }
}
