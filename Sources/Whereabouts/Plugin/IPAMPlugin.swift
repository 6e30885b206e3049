public import CNI
internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import Logging

/// The IPAM plugin: gives a pod's interface its addresses and takes them back.
///
/// It keeps its connection to etcd as long as it lives, so that a process which keeps the plugin to its end need not wait for
/// the connection to be taken down.
public final class IPAMPlugin: CNIPlugin {
    /// The time limits of the verbs that have no key of the configuration.
    enum TimeLimit {
        static let check = Duration.seconds(60)
        static let garbageCollection = Duration.seconds(300)
        static let status = Duration.seconds(10)
    }

    private let loader: ConfigurationLoader
    private let isWholeProcess: Bool
    private let tally: CallTally?
    private var client: StoreClient?

    /// Makes a plugin.
    ///
    /// - Parameters:
    ///   - environment: The environment that the runtime gave the process.
    ///   - isWholeProcess: Whether the process serves one call and does nothing else, so that what it has in common may be
    ///     made to measure for that.
    public init(environment: [String: String], isWholeProcess: Bool = false) {
        loader = ConfigurationLoader(environment: environment)
        self.isWholeProcess = isWholeProcess
        tally = isWholeProcess ? CallTally() : nil
    }

    /// Has a verb do its work, and counts it.
    private func serve<Result>(
        _ invocation: CNIInvocation,
        withoutClient: ((CallContext, CNIError) throws(CNIError) -> Result)? = nil,
        _ body: (Session, Deadline) throws(CNIError) -> Result
    ) throws(CNIError) -> Result {
        do throws(CNIError) {
            let result = try perform(invocation, withoutClient: withoutClient, body)
            tally?.note(invocation.command, nil)
            return result
        } catch {
            tally?.note(invocation.command, error.code)
            throw error
        }
    }

    /// Has a verb do its work, and logs how it ended and how long it took.
    ///
    /// - Parameters:
    ///   - invocation: The call.
    ///   - withoutClient: What is done when TLS files can't be used; the call fails when it is nil.
    ///   - body: The work.
    /// - Returns: What the work, or what is done in its place, returns.
    /// - Throws: What that throws; code 7 for a configuration that can't be used.
    private func perform<Result>(
        _ invocation: CNIInvocation,
        withoutClient: ((CallContext, CNIError) throws(CNIError) -> Result)?,
        _ body: (Session, Deadline) throws(CNIError) -> Result
    ) throws(CNIError) -> Result {
        let start = Deadline.now
        let context = try CallContext(invocation, loader)
        func log(_ end: String, _ metadata: Logger.Metadata = [:]) {
            let milliseconds = Deadline.now.duration(since: start) / .milliseconds(1)
            let duration: Logger.Metadata = ["duration": "\(Int(milliseconds))ms"]
            context.logger.info("\(invocation.command.rawValue) \(end)", metadata: metadata.merging(duration) { $1 })
        }
        let client: StoreClient
        do throws(CNIError) {
            client = try context.client(isWholeProcess: isWholeProcess)
        } catch {
            guard let withoutClient else { throw error }
            return try withoutClient(context, error)
        }
        self.client = client
        do throws(CNIError) {
            let result = try body(Session(context: context, client: client), start)
            log("done")
            return result
        } catch {
            log("failed", ["code": "\(error.code.rawValue)"])
            throw error
        }
    }

    /// Allocates one address of every configured range (CNI spec section 4, ADD).
    public func add(_ invocation: CNIInvocation) throws(CNIError) -> CNIResult {
        let begin = NodeMoment.now
        return try serve(invocation) { session, start throws(CNIError) in
            let deadline = start.advanced(by: session.configuration.addTimeout)
            return try add(invocation, session, begin: begin, deadline: deadline)
        }
    }

    private func add(
        _ invocation: CNIInvocation,
        _ session: Session,
        begin: NodeMoment,
        deadline: Deadline
    ) throws(CNIError) -> CNIResult {
        guard invocation.pod != nil || session.configuration.store.etcd != nil else {
            throw CNIError(
                .invalidEnvironment,
                "CNI_ARGS names no pod",
                details: "the objects of the kubernetes datastore name the owner by K8S_POD_NAMESPACE and K8S_POD_NAME"
            )
        }
        let pending = session.pendingReleases()
        try session.settle(invocation.attachment, pending, deadline: deadline)
        let allocations = try session.allocate(
            AllocationRequest(
                owner: session.owner(of: invocation),
                podUID: invocation.arguments.podUID,
                demands: session.configuration.demands,
                policy: session.configuration.policy
            ),
            begin: begin,
            deadline: deadline
        )
        try session.expectNoRelease(of: invocation.attachment, deadline: deadline)
        session.logger.info(
            "allocated",
            metadata: ["addresses": "\(allocations.map(\.address.description).joined(separator: ","))"]
        )
        pending?.run(.brief, deadline: deadline)
        return session.configuration.result(allocations)
    }

    /// Releases everything that the attachment has; nothing is success (CNI spec section 4, DEL).
    ///
    /// With the datastore out of reach, also for TLS files that are not there at the moment, the release is kept in the node's
    /// journal, and that is success too.
    public func delete(_ invocation: CNIInvocation) throws(CNIError) {
        let time = NodeMoment.now
        try serve(
            invocation,
            withoutClient: { context, failure throws(CNIError) in
                try context.keepRelease(of: invocation.attachment, time: time, because: failure)
            },
            { session, start throws(CNIError) in
                try session.release(invocation.attachment, time: time, start: start)
            }
        )
    }

    /// Checks that the attachment still owns what its ADD returned (CNI spec section 4, CHECK).
    ///
    /// Each configured range must have given it an address that stands in the result, it must own every one that does, and
    /// the static addresses must stand there too. Addresses of the result that lie in none of the ranges are other plugins' business.
    public func check(_ invocation: CNIInvocation, previousResult: CNIResult) throws(CNIError) {
        try serve(invocation) { session, start throws(CNIError) in
            try check(invocation, previousResult, session, deadline: start.advanced(by: TimeLimit.check))
        }
    }

    private func check(
        _ invocation: CNIInvocation,
        _ previousResult: CNIResult,
        _ session: Session,
        deadline: Deadline
    ) throws(CNIError) {
        let configuration = session.configuration
        let returned = previousResult.ips.map(\.address.address)
        let fixed = configuration.staticAddresses.map(\.address.address)
        let held = configuration.assignments(of: returned.filter { !fixed.contains($0) })
        let state = try session.call { datastore throws(DatastoreError) in
            try datastore.state(of: invocation.attachment, addresses: held.flatMap { $0 }, deadline: deadline)
        }
        session.pendingReleases()?.run(.full, deadline: deadline)

        for (demand, addresses) in zip(configuration.demands, held) {
            guard
                addresses.isEmpty
                    || !addresses.allSatisfy({ state.owns($0.address, in: $0.domain, invocation.attachment) })
            else {
                continue
            }
            let listed = demand.choices.flatMap { choice in
                state.addresses(in: choice.domain).filter { choice.pool.bounds.contains($0) }
            }
            let ranges = demand.choices.map(\.pool.range.description).joined(separator: " or ")
            throw CNIError.checkFailed(
                "\(invocation.attachment) does not own the address of range \(ranges) that prevResult names",
                details: "prevResult: \(addresses.map(\.address)); the datastore: \(listed)"
            )
        }
        for entry in configuration.staticAddresses where !returned.contains(entry.address.address) {
            throw CNIError.checkFailed(
                "prevResult lacks the static address \(entry.address) of the configuration",
                details: "prevResult: \(returned)"
            )
        }
    }

    /// Releases what the node's containers have of the network, but what belongs to the valid attachments (CNI spec section 4, GC).
    ///
    /// Each runtime knows its own node's attachments only, so other nodes' records are not touched.
    public func garbageCollect(_ invocation: CNIInvocation, validAttachments: [CNIAttachment]?) throws(CNIError) {
        let time = NodeMoment.now
        try serve(invocation) { session, start throws(CNIError) in
            let deadline = start.advanced(by: TimeLimit.garbageCollection)
            try collectGarbage(validAttachments, session, begin: time, deadline: deadline)
        }
    }

    private func collectGarbage(
        _ validAttachments: [CNIAttachment]?,
        _ session: Session,
        begin: NodeMoment,
        deadline: Deadline
    ) throws(CNIError) {
        guard let validAttachments else {
            session.logger.info("the runtime lists no valid attachments, so that nothing is released")
            return
        }
        let configuration = session.configuration
        guard !configuration.node.isEmpty else {
            let error = CNIError(
                .invalidConfiguration,
                "this node has no name, by which its records could be told from others'",
                details: "set NODENAME, or write the name into the file nodename beside the flat file"
            )
            session.logger.error("\(error.message): \(error.details)")
            throw error
        }
        let collection = session.datastore.collectGarbage(
            keeping: Set(validAttachments.map(\.attachment)),
            network: configuration.network,
            node: configuration.node,
            createdBefore: begin,
            deadline: deadline
        )
        session.logger.info(
            "garbage collected",
            metadata: ["count": "\(collection.released)", "valid": "\(validAttachments.count)"]
        )
        for error in collection.errors {
            session.logger.error("\(error)")
        }
        if !collection.isStopped {
            session.pendingReleases()?.run(.full, deadline: deadline)
        }
        if let error = CNIError(collection) {
            throw error
        }
    }

    /// Tells whether an ADD could be served: the configuration is valid, etcd has its quorum, and each range has a free address and
    /// records that can be trusted (CNI spec section 4, STATUS).
    public func status(_ invocation: CNIInvocation) throws(CNIError) {
        try serve(invocation) { session, start throws(CNIError) in
            try status(session, deadline: start.advanced(by: TimeLimit.status))
        }
    }

    private func status(_ session: Session, deadline: Deadline) throws(CNIError) {
        var conditions: [RangeCondition] = []
        do throws(CNIError) {
            try session.call { datastore throws(DatastoreError) in try datastore.probe(deadline: deadline) }
            // What they free may be all that a range lacks.
            session.pendingReleases()?.run(.brief, deadline: deadline)
            for demand in session.configuration.demands {
                conditions.append(
                    try session.call { datastore throws(DatastoreError) in
                        try datastore.condition(of: demand, deadline: deadline)
                    }
                )
            }
        } catch {
            throw CNIError(.unavailable, error.message, details: error.details)
        }
        if let error = CNIError(conditions, of: session.configuration.demands) {
            session.logger.error("\(error.message): \(error.details)")
            throw error
        }
    }
}

extension CNIInvocation {
    /// The container's interface in question.
    var attachment: Attachment {
        Attachment(containerID: containerID, interfaceName: interfaceName)
    }

    /// The pod in question; nil where the runtime names none.
    var pod: PodReference? {
        guard let name = arguments.podName, let namespace = arguments.podNamespace, !name.isEmpty, !namespace.isEmpty
        else { return nil }
        return PodReference(namespace: namespace, name: name)
    }
}

extension CNIAttachment {
    /// The same in the records' terms.
    fileprivate var attachment: Attachment {
        Attachment(containerID: containerID, interfaceName: interfaceName)
    }
}
