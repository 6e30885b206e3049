internal import CNI
internal import EtcdClient
internal import IPAM
internal import Logging

/// What one call works with: its configuration, its log, and the datastore.
struct Session {
    let configuration: IPAMConfiguration
    let logger: Logger
    let client: EtcdClient

    /// Loads the configuration; nothing is connected yet.
    ///
    /// What is wrong with it is logged too, as far as it says where the log is.
    ///
    /// - Throws: `CNIError` with code 7 for a configuration that can't be used.
    init(_ invocation: CNIInvocation, _ loader: ConfigurationLoader, isWholeProcess: Bool) throws(CNIError) {
        let resolved: ResolvedConfiguration
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
        if configuration.etcd.user != nil, let cache = configuration.etcd.tokenCache, let obstacle = cache.obstacle {
            logger.info(
                "configuration: etcd_token_cache: \(cache.directory) \(obstacle); every call asks etcd for a token"
            )
        }
        logger.debug("\(invocation.command.rawValue)", metadata: ["network": "\(invocation.networkName)"])
        do throws(CNIError) {
            client = try resolved.makeClient(isWholeProcess: isWholeProcess)
        } catch {
            logger.error("\(error.message): \(error.details)")
            throw error
        }
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

    /// Who is to own the addresses of an ADD.
    func owner(of invocation: CNIInvocation) -> AllocationOwner {
        AllocationOwner(
            attachment: invocation.attachment,
            pod: invocation.pod,
            node: configuration.node,
            network: configuration.network
        )
    }

    /// The datastore.
    var datastore: EtcdDatastore {
        EtcdDatastore(client, retention: configuration.policy.retention)
    }

    /// Calls the datastore, logs its failure, and makes it the runtime's.
    func call<Result>(
        _ body: (EtcdDatastore) throws(DatastoreError) -> Result
    ) throws(CNIError) -> Result {
        do throws(DatastoreError) {
            return try body(datastore)
        } catch {
            logger.error("\(error)")
            throw CNIError(error)
        }
    }
}
