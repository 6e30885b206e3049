public import ArgumentParser
internal import EtcdClient
internal import Glibc
internal import KubernetesClient
internal import Logging
internal import Whereabouts

/// `whereabouts-node-slice-controller`.
public struct NodeSliceControllerCommand: ParsableCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "whereabouts-node-slice-controller",
        abstract:
            "Gives each node a slice of every range whose network has a node_slice_size, for the Kubernetes datastore.",
        discussion: """
            It looks at the NetworkAttachmentDefinitions and the nodes of the cluster and writes NodeSlicePools, which the plugin reads. Slices \
            that are in use are never taken away. It may be ended at any moment, and two of them do no harm.

            Exit status: 0 if all is well, 1 if something failed, and 2 if options can't be used.
            """,
        version: About.title(of: "whereabouts-node-slice-controller")
    )

    @Option(help: "The kubeconfig file of the cluster. (default: the service account of the pod)") var kubeconfig:
        String?
    @Option(
        help: ArgumentHelp(
            "The namespace of the objects. (default: WHEREABOUTS_NAMESPACE, or that of the cluster's context, or kube-system)"
        )
    ) var namespace: String?
    @Option(help: "The API group of the objects.") var apiGroup = KubernetesDatastore.defaultGroup
    @Option(help: "The flat file that fills up networks' configurations. (default: none)") var flatFile: String?
    @Option(help: "How many seconds pass at most until everything is looked at again.") var resync = 30
    @Flag(help: "Look at everything once, and end with status 0 if every node has its slices, otherwise 1.") var once =
        false
    @Option(help: "The least severe level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel =
        Logger.Level.info

    /// Makes the command, whose options the parser fills.
    public init() {}

    /// Runs the program with the process's arguments, and ends it with its status.
    public static func runProcess() -> Never {
        do {
            var command = try parseAsRoot()
            try command.run()
            _exit(0)
        } catch {
            let status = exitCode(for: error)
            let text = fullMessage(for: error)
            if !text.isEmpty { StandardStreams.say(text + "\n", isError: !status.isSuccess) }
            // Arguments that can't be used have another number in the parser than in these programs.
            _exit(status == .validationFailure ? 2 : status.rawValue)
        }
    }

    /// Refuses what can't be.
    public func validate() throws {
        guard (1...3600).contains(resync) else { throw ValidationError("--resync \(resync) must be 1 to 3600 seconds") }
    }

    /// Serves until the process is ended, or once.
    public func run() throws {
        // A process that is a container's first one is ended by signals that it handles only.
        for number in [SIGINT, SIGTERM] { signal(number) { _exit(128 + $0) } }
        var logger = Logger(
            label: "whereabouts-node-slice-controller",
            factory: { StreamLogHandler.standardError(label: $0) }
        )
        logger.logLevel = logLevel
        let environment = ProcessEnvironment.variables
        let source: ClusterSource = kubeconfig.map { .kubeconfig(path: $0) } ?? .inCluster(environment: environment)
        let settings = NodeSliceController.Settings(
            namespace: namespace ?? environment["WHEREABOUTS_NAMESPACE"],
            group: apiGroup,
            flatFiles: flatFile.map { [$0] } ?? []
        )
        let controller = NodeSliceController(try KubernetesClient(source), settings, logger: logger)
        guard once else {
            ControlLoop(controller, source: source, resync: .seconds(resync), logger: logger).run()
        }
        let outcome = try controller.pass(deadline: .after(.seconds(60)))
        logger.info("\(outcome)")
        guard outcome.isComplete else { throw ExitCode.failure }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
