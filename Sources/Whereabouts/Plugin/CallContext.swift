internal import CNI
internal import EtcdClient
internal import IPAM
internal import Logging

/// What one call knows before it turns to the datastore: its configuration and its log.
struct CallContext {
    let configuration: IPAMConfiguration
    let logger: Logger
    private let resolved: ResolvedConfiguration

    /// Loads the configuration.
    ///
    /// What is wrong with it is logged too, as far as it says where the log is.
    ///
    /// - Throws: `CNIError` with code 7 for a configuration that can't be used.
    init(_ invocation: CNIInvocation, _ loader: ConfigurationLoader) throws(CNIError) {
        do throws(ConfigurationFailure) {
            resolved = try loader.resolve(invocation)
        } catch {
            let refusal = error.cniError
            Self.logger(error.log, invocation).error("\(refusal.message): \(refusal.details)")
            throw refusal
        }
        configuration = resolved.configuration
        logger = Self.logger(configuration.log, invocation)
        if let error = resolved.leftAside?.cniError {
            logger.error("\(error.message), of which a release needs other parts only: \(error.details)")
        }
        for note in configuration.notes {
            logger.info("configuration: \(note)")
        }
        if let etcd = configuration.store.etcd, etcd.user != nil, let cache = etcd.tokenCache,
            let obstacle = cache.obstacle
        {
            logger.info(
                "configuration: etcd_token_cache: \(cache.directory) \(obstacle); every call asks etcd for a token"
            )
        }
        logger.debug("\(invocation.command.rawValue)", metadata: ["network": "\(invocation.networkName)"])
    }

    /// A logger whose lines tell what the call is about.
    private static func logger(_ settings: LogSettings, _ invocation: CNIInvocation) -> Logger {
        var logger = settings.logger()
        if !invocation.containerID.isEmpty {
            logger[metadataKey: "attachment"] = "\(invocation.attachment)"
        }
        if let pod = invocation.pod {
            logger[metadataKey: "pod"] = "\(pod)"
        }
        return logger
    }

    /// Makes a client; nothing is connected yet.
    ///
    /// - Throws: `CNIError` with code 7 for TLS files that can't be used.
    func client(isWholeProcess: Bool) throws(CNIError) -> StoreClient {
        do throws(CNIError) {
            return try resolved.makeClient(isWholeProcess: isWholeProcess)
        } catch {
            logger.error("\(error.message): \(error.details)")
            throw error
        }
    }

    /// Leaves the release of what an attachment has to the journal.
    ///
    /// - Parameters:
    ///   - attachment: Whose addresses they are.
    ///   - time: When the DEL began.
    ///   - failure: Why the datastore could not be told.
    /// - Throws: The failure where no journal is kept; otherwise `CNIError` with code 11 when the journal can't be written.
    func keepRelease(of attachment: Attachment, time: NodeMoment, because failure: CNIError) throws(CNIError) {
        guard let journal = configuration.releaseJournal else { throw failure }
        let pending = PendingRelease(
            attachment,
            network: configuration.network,
            time: time,
            retention: configuration.policy.retention,
            store: PendingStore(configuration)
        )
        do throws(JournalError) {
            try journal.append(pending)
            logger.error("the release of \(attachment) is pending in \(journal.directory); a later call carries it out")
        } catch {
            logger.error("\(error)")
            throw CNIError(.tryAgainLater, "the release can't be kept for later", details: "\(error); \(failure)")
        }
    }
}
