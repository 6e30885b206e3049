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
    /// - Throws: `CNIError` with code 7 for a configuration that can't be used.
    init(_ invocation: CNIInvocation, _ loader: ConfigurationLoader, isWholeProcess: Bool) throws(CNIError) {
        let resolved = try loader.resolved(invocation)
        configuration = resolved.configuration
        var logger = configuration.log.logger()
        if !invocation.containerID.isEmpty {
            logger[metadataKey: "attachment"] = "\(invocation.attachment)"
        }
        self.logger = logger
        for note in configuration.notes {
            logger.info("configuration: \(note)")
        }
        if configuration.etcd.user != nil, let cache = configuration.etcd.tokenCache, let obstacle = cache.obstacle {
            logger.info(
                "configuration: etcd_token_cache: \(cache.directory) \(obstacle); every call asks etcd for a token"
            )
        }
        logger.debug("\(invocation.command.rawValue)", metadata: ["network": "\(invocation.networkName)"])
        client = try resolved.makeClient(isWholeProcess: isWholeProcess)
    }

    /// Who is to own the addresses of an ADD.
    func owner(of invocation: CNIInvocation) -> AllocationOwner {
        var pod: PodReference?
        if let name = invocation.arguments.podName, let namespace = invocation.arguments.podNamespace,
            !name.isEmpty, !namespace.isEmpty
        {
            pod = PodReference(namespace: namespace, name: name)
        }
        return AllocationOwner(
            attachment: invocation.attachment,
            pod: pod,
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
