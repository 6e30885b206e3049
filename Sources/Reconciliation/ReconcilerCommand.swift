package import ArgumentParser
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
    @OptionGroup var log: LogOptions

    /// Makes the command, whose options the parser fills.
    package init() {}

    /// Runs the program with the process's arguments, and ends it with its status.
    package static func runProcess() -> Never {
        runProcess { error in
            (error as? ReconciliationError).map { Termination.received.map { 128 + $0 } ?? $0.exitStatus }
        }
    }

    /// Refuses what can't be.
    package func validate() throws {
        if let grace { _ = try DurationOption.seconds(grace, of: "--grace") }
        if let interval, try DurationOption.seconds(interval, of: "--interval") < 1 {
            throw ValidationError("--interval \(interval) must be 1s or more")
        }
        guard (0...1).contains(maxShare) else {
            throw ValidationError("--max-share \(maxShare) must be 0 to 1, such as 0.5")
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
        for (name, value) in [("--report", report), ("--release-from", releaseFrom), ("--attachments", attachments)]
        where value?.isEmpty ?? false {
            throw ValidationError("\(name) is empty; name a file, or leave the option out")
        }
    }

    /// Reconciles once, or until the process is ended.
    package func run() throws {
        Termination.handleSignals()
        Termination.endProcess(within: 5000) { 128 + $0 }
        let session = ReconcilerSession(self, logger: log.logger("ip-reconciler"))
        if daemon || interval != nil {
            try ReconcilerDaemon(session, interval: interval.map { try DurationOption.seconds($0, of: "--interval") })
                .run()
        }
        guard try session.run() else { throw ExitCode(1) }
    }

    /// The grace in seconds beside a retention.
    func graceSeconds(retention: Int64) -> Int64 {
        grace.flatMap { DurationOption(argument: $0)?.seconds } ?? max(600, retention)
    }
}
