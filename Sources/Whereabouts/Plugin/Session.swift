internal import CNI
internal import EtcdClient
internal import IPAM
internal import Logging

/// What one call works with: what it knows, and the datastore.
struct Session {
    let context: CallContext
    let client: StoreClient

    var configuration: IPAMConfiguration { context.configuration }
    var logger: Logger { context.logger }

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
    var datastore: any Datastore {
        client.datastore(configuration)
    }

    /// Calls the datastore, logs its failure, and makes it the runtime's.
    func call<Result>(
        _ body: (any Datastore) throws(DatastoreError) -> Result
    ) throws(CNIError) -> Result {
        do throws(DatastoreError) {
            return try body(datastore)
        } catch {
            logger.error("\(error)")
            throw CNIError(error)
        }
    }
}
