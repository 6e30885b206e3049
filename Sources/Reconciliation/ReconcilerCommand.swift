package import ArgumentParser
internal import Glibc
internal import IPAM
internal import KubernetesClient
internal import Logging
internal import Whereabouts

/// `ip-reconciler`.
package struct ReconcilerCommand: ParsableCommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "ip-reconciler",
        abstract: "Frees addresses whose pods are gone, in whereabouts' datastore.",
        discussion: """
            An address is freed when its pod was missing at two looks, --grace apart, and its record has not changed since the last one. \
            Without --daemon and --interval it looks once: what it finds is noted in the datastore, and a later run frees it.

            Exit status: 0 if all is well, 1 if something failed, 2 if options or the flat file can't be used, 3 if too much looks stranded \
            to be true, and 4 if another reconciler is at work.
            """,
        version: About.title(of: "ip-reconciler")
    )

    @OptionGroup var place: StoreOptions
    @Option(
        help: ArgumentHelp(
            "How long an address must have looked stranded before it is freed, such as 90s or 1h30m; 0 to free it at once. (default: 10m, or retain of the flat file where that is longer)",
            valueName: "duration"
        )
    ) var grace: String?
    @Option(
        help: ArgumentHelp(
            "The greatest share of allocations that may look stranded; more ends the run with status 3, and 1 permits all.",
            valueName: "share"
        )
    ) var maxShare = 0.5
    @Flag(help: "Change nothing, and tell what would be done.") var dryRun = false
    @Option(help: ArgumentHelp("Write what was found and done to a file, as JSON.", valueName: "file")) var report:
        String?
    @Option(
        help: ArgumentHelp(
            "Free what a report lists, and nothing else, as far as it is still as it was and still looks stranded.",
            valueName: "report"
        )
    ) var releaseFrom: String?
    @Option(help: ArgumentHelp("Only what is of a network, by its name or network_name.", valueName: "name"))
    var network: String?
    @Option(help: ArgumentHelp("Only what is on a node.", valueName: "name")) var node: String?
    @Option(
        help: ArgumentHelp(
            "Do without Kubernetes: a file with the attachments that the runtime of --node knows, as CNI's GC lists them, or the directory of the runtime's CNI cache.",
            valueName: "path"
        )
    ) var attachments: String?
    @Flag(help: "Work on, at the times of reconciler_cron_expression of the flat file, which may change.") var daemon =
        false
    @Option(
        help: ArgumentHelp("Work on, and look again and again after this time, such as 5m.", valueName: "duration")
    ) var interval: String?
    @Option(help: "The least severe level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    /// Makes the command, whose options the parser fills.
    package init() {}

    /// Runs the program with the process's arguments, and ends it with its status.
    package static func runProcess() -> Never {
        do {
            var command = try parseAsRoot()
            try command.run()
            _exit(0)
        } catch let error as ReconciliationError {
            StandardStreams.say("ip-reconciler: \(error)\n", isError: true)
            _exit(Termination.received.map { 128 + $0 } ?? error.exitStatus)
        } catch {
            let status = exitCode(for: error)
            let text = fullMessage(for: error)
            if !text.isEmpty { StandardStreams.say(text + "\n", isError: !status.isSuccess) }
            // Arguments that can't be used have another number in this program than in the parser.
            _exit(status == .validationFailure ? 2 : status.rawValue)
        }
    }

    /// Refuses what can't be.
    package func validate() throws {
        if let grace { _ = try Self.duration(grace, "--grace") }
        if let interval, try Self.duration(interval, "--interval") < 1 {
            throw ValidationError("--interval \(interval) must be 1s or more")
        }
        guard (0...1).contains(maxShare) else {
            throw ValidationError("--max-share \(maxShare) must be 0 to 1, such as 0.5")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError(
                "--log-level \(logLevel) must be trace, debug, info, notice, warning, error or critical"
            )
        }
        if attachments != nil, node == nil {
            throw ValidationError(
                "--attachments needs --node, the node whose runtime the list is of; it proves nothing about other nodes"
            )
        }
        if attachments != nil, place.kubeconfig != nil {
            throw ValidationError("--attachments and --kubeconfig exclude each other; leave one of them out")
        }
        if daemon, interval != nil {
            throw ValidationError("--daemon and --interval exclude each other; leave one of them out")
        }
        if daemon || interval != nil, releaseFrom != nil || dryRun {
            throw ValidationError(
                "\(releaseFrom != nil ? "--release-from" : "--dry-run") is for a single run; leave --daemon and --interval out"
            )
        }
        for (name, value) in [("--node", node), ("--network", network)] where value?.isEmpty ?? false {
            throw ValidationError("\(name) is empty; name one, or leave the option out for all")
        }
    }

    private static func duration(_ text: String, _ option: String) throws -> Int64 {
        guard let duration = DurationOption(argument: text) else {
            throw ValidationError("\(option) \(text) is no time of 0 or more; write one such as 90s, 10m or 1h30m")
        }
        return duration.seconds
    }

    /// Reconciles once, or until the process is ended.
    package func run() throws {
        Termination.handleSignals()
        let session = ReconcilerSession(self, logger: logger)
        if daemon || interval != nil {
            try ReconcilerDaemon(session, interval: interval.map { try Self.duration($0, "--interval") }).run()
        }
        guard try session.run() else { throw ExitCode(1) }
    }

    /// The grace in seconds beside a retention.
    func graceSeconds(retention: Int64) -> Int64 {
        grace.flatMap { DurationOption(argument: $0)?.seconds } ?? max(600, retention)
    }

    private var logger: Logger {
        var logger = Logger(label: "ip-reconciler", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }
}
