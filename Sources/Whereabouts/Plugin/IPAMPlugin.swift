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
    /// The time limits of the verbs, upstream's.
    enum TimeLimit {
        static let add = Duration.seconds(120)
        static let delete = Duration.seconds(60)
        static let check = Duration.seconds(60)
        static let status = Duration.seconds(10)
    }

    private let loader: ConfigurationLoader
    private let isWholeProcess: Bool
    private var client: EtcdClient?

    /// Makes a plugin.
    ///
    /// - Parameters:
    ///   - environment: The environment that the runtime gave the process.
    ///   - isWholeProcess: Whether the process serves one call and does nothing else, so that what it has in common may be
    ///     made to measure for that.
    public init(environment: [String: String], isWholeProcess: Bool = false) {
        loader = ConfigurationLoader(environment: environment)
        self.isWholeProcess = isWholeProcess
    }

    private func session(_ invocation: CNIInvocation) throws(CNIError) -> Session {
        let session = try Session(invocation, loader, isWholeProcess: isWholeProcess)
        client = session.client
        return session
    }

    /// Allocates one address of every configured range (CNI spec section 4, ADD).
    public func add(_ invocation: CNIInvocation) throws(CNIError) -> CNIResult {
        let deadline = Deadline.after(TimeLimit.add)
        let session = try session(invocation)
        let allocations = try session.call { datastore throws(DatastoreError) in
            try datastore.allocate(
                AllocationRequest(
                    owner: session.owner(of: invocation),
                    podUID: invocation.arguments.podUID,
                    demands: session.configuration.demands
                ),
                deadline: deadline
            )
        }
        session.logger.info(
            "allocated",
            metadata: ["addresses": "\(allocations.map(\.address.description).joined(separator: ","))"]
        )
        return session.configuration.result(allocations)
    }

    /// Releases everything that the attachment has; nothing is success (CNI spec section 4, DEL).
    public func delete(_ invocation: CNIInvocation) throws(CNIError) {
        let deadline = Deadline.after(TimeLimit.delete)
        let session = try session(invocation)
        let released = try session.call { datastore throws(DatastoreError) in
            try datastore.release(invocation.attachment, deadline: deadline)
        }
        session.logger.info("released", metadata: ["addresses": "\(released)"])
    }

    /// Checks that the attachment still owns what its ADD returned (CNI spec section 4, CHECK).
    ///
    /// Each configured range must have given it an address that stands in the result, it must own every one that does, and
    /// the static addresses must stand there too. Addresses of the result that lie in none of the ranges are other plugins' business.
    public func check(_ invocation: CNIInvocation, previousResult: CNIResult) throws(CNIError) {
        let deadline = Deadline.after(TimeLimit.check)
        let session = try session(invocation)
        let configuration = session.configuration
        let returned = previousResult.ips.map(\.address.address)
        let fixed = configuration.staticAddresses.map(\.address.address)
        func named(_ demand: AllocationRequest.Demand) -> [IPAddress] {
            returned.filter { demand.pool.bounds.contains($0) && !fixed.contains($0) }
        }
        let held = configuration.demands.flatMap { demand in
            named(demand).map { (domain: demand.domain, address: $0) }
        }
        let state = try session.call { datastore throws(DatastoreError) in
            try datastore.state(of: invocation.attachment, addresses: held, deadline: deadline)
        }

        for demand in configuration.demands {
            let addresses = named(demand)
            guard
                addresses.isEmpty || !addresses.allSatisfy({ state.owns($0, in: demand.domain, invocation.attachment) })
            else {
                continue
            }
            let listed = state.addresses(in: demand.domain).filter { demand.pool.bounds.contains($0) }
            throw CNIError.checkFailed(
                "\(invocation.attachment) does not own the address of range \(demand.pool.range) that prevResult names",
                details: "prevResult: \(addresses); the datastore: \(listed)"
            )
        }
        for entry in configuration.staticAddresses where !returned.contains(entry.address.address) {
            throw CNIError.checkFailed(
                "prevResult lacks the static address \(entry.address) of the configuration",
                details: "prevResult: \(returned)"
            )
        }
    }

    /// Frees nothing: the attachments that a node's runtime lists say nothing about those of other nodes.
    public func garbageCollect(_ invocation: CNIInvocation, validAttachments: [CNIAttachment]?) throws(CNIError) {}

    /// Tells whether an ADD could be served: the configuration is valid and etcd has its quorum (CNI spec section 4, STATUS).
    public func status(_ invocation: CNIInvocation) throws(CNIError) {
        let deadline = Deadline.after(TimeLimit.status)
        let session = try session(invocation)
        do throws(CNIError) {
            try session.call { datastore throws(DatastoreError) in try datastore.probe(deadline: deadline) }
        } catch {
            throw CNIError(.unavailable, error.message, details: error.details)
        }
    }
}

extension CNIInvocation {
    /// The container's interface in question.
    var attachment: Attachment {
        Attachment(containerID: containerID, interfaceName: interfaceName)
    }
}
