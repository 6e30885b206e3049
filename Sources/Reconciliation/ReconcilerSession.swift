internal import EtcdClient
internal import KubernetesClient
internal import Logging
internal import SystemPackage
internal import Whereabouts

/// A reconciler as the command's options have it, whose flat file is read for each run.
struct ReconcilerSession {
    private let command: ReconcilerCommand
    let logger: Logger

    init(_ command: ReconcilerCommand, logger: Logger) {
        self.command = command
        self.logger = logger
    }

    /// What the flat file says now.
    func flatFile() throws(ReconciliationError) -> FlatFileSettings {
        try command.place.flatFile()
    }

    /// Reconciles once, and returns whether all was done.
    func run() throws(ReconciliationError) -> Bool {
        let flatFile = try flatFile()
        let store = try store(flatFile)
        let (source, nodes) = try source(command.place.cluster, readsInterfaces: store.kind == "kubernetes")
        let settings = try settings(flatFile, store)
        let file = try reportFile()
        let progress = ProgressLine()
        let reconciler = Reconciler(
            store: store,
            source: source,
            settings: settings,
            logger: logger,
            nodes: nodes,
            progress: { text in
                progress.show(text)
                return Termination.received == nil
            }
        )
        var partial: ReconciliationReport?
        do throws(ReconciliationError) {
            let report = try reconciler.run(as: Self.name(ProcessEnvironment.variables)) { partial = $0 }
            progress.end()
            logger.notice("\(report.summary)")
            try file?.write(report)
            return report.isComplete
        } catch {
            progress.end()
            // The report of a run that never began would only take the last one's place.
            if let partial { tell(partial, file) }
            throw error
        }
    }

    /// Tells of a run that ended early, whose own error is what counts.
    private func tell(_ partial: ReconciliationReport, _ file: ReportFile?) {
        logger.notice("until it ended early: \(partial.summary)")
        do throws(ReconciliationError) {
            try file?.write(partial)
        } catch {
            logger.error("\(error)")
        }
    }

    /// Reads what each run will, so that what can't be used ends a daemon at its start.
    func check() throws(ReconciliationError) {
        _ = try flatFile()
        _ = try reportFile()
    }

    private func reportFile() throws(ReconciliationError) -> ReportFile? {
        guard let path = command.report else { return nil }
        return try ReportFile(path)
    }

    private func store(_ flatFile: FlatFileSettings) throws(ReconciliationError) -> any ReconciledStore {
        if case .kubernetes = flatFile.store, command.attachments != nil {
            throw .configuration(
                "--attachments is for the etcd datastore; \(flatFile.path) names the kubernetes datastore, whose objects don't say on which node an address is"
            )
        }
        return try command.place.store(flatFile)
    }

    private func source(
        _ cluster: ClusterSource,
        readsInterfaces: Bool
    ) throws(ReconciliationError) -> (any LifeSource, (() throws(ReconciliationError) -> Set<String>?)?) {
        if let path = command.attachments { return (AttachmentSource(path: path), nil) }
        do throws(KubernetesError) {
            let client = try KubernetesClient(cluster)
            let nodes = { () throws(ReconciliationError) -> Set<String>? in try NodeNames.list(client) }
            return (PodSource(client, readsInterfaces: readsInterfaces), nodes)
        } catch {
            throw .kubernetes(error)
        }
    }

    private func settings(
        _ flatFile: FlatFileSettings,
        _ store: any ReconciledStore
    ) throws(ReconciliationError) -> Reconciler.Settings {
        var settings = Reconciler.Settings()
        settings.scope = AllocationScope(node: command.node, network: command.network)
        settings.grace = command.graceSeconds(retention: flatFile.retention)
        settings.isDryRun = command.dryRun
        settings.maximalShare = command.maxShare
        guard let file = command.releaseFrom else { return settings }
        let text: [UInt8]
        do throws(Errno) {
            text = try FileDescriptor.contents(of: FilePath(file))
        } catch {
            throw .configuration("--release-from \(file.debugDescription) can't be read: \(error); check the path")
        }
        let list = try ReleaseList(parsing: text, of: file)
        guard list.datastore == store.kind else {
            throw .configuration(
                "--release-from \(file.debugDescription) is a report of the datastore \(list.datastore), and the flat file names "
                    + "\(store.kind); name the flat file of that datastore with --config, or a report of this one"
            )
        }
        settings.list = list
        return settings
    }

    /// What others are told of this process: its pod, or its host and number.
    private static func name(_ environment: [String: String]) -> String {
        let host = (try? FileDescriptor.contents(of: "/proc/sys/kernel/hostname")) ?? []
        let text = String(decoding: host.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
        return "\(environment["POD_NAME"] ?? text)/\(ProcessNumber.own)"
    }
}
