public import EtcdClient
internal import IPAM
internal import IPTypes

/// The etcd datastore: allocation by compare-and-swap, without a lock or an election.
///
/// Every change is one etcd transaction, so a process that is killed at any point leaves either nothing or a complete
/// allocation that the next ADD of the same owner, or its DEL, finds. docs/design/allocation.md has the invariants.
public struct EtcdDatastore {
    let client: EtcdClient
    /// How many seconds the released address of a pod waits for the pod; 0 for not at all.
    let retention: Int64
    /// The node whose slices serve, where ranges are divided.
    let node: String

    /// The number of ranges that one allocation can draw from, so that it fits into one etcd transaction.
    static let demandLimit = ClaimTxn.demandLimit

    /// Makes a datastore of a client, in which the released address of a pod waits for it so many seconds, as a node sees it.
    public init(_ client: EtcdClient, retention: Int64 = 0, node: String = "") {
        self.client = client
        self.retention = retention
        self.node = node
    }

    /// Tells whether the cluster serves reads that need its quorum.
    ///
    /// - Throws: `.etcd`.
    public func probe(deadline: Deadline) throws(DatastoreError) {
        _ = try read([RangeRequest(.single(Key(KeySpace.prefix)))], deadline: deadline)
    }

    /// Runs linearizable reads at one revision.
    func read(
        _ requests: [RangeRequest],
        deadline: Deadline
    ) throws(DatastoreError) -> (ranges: [RangeResponse], revision: Int64) {
        let response = try commit(Txn(then: requests.map { .range($0) }), deadline: deadline)
        var ranges: [RangeResponse] = []
        for case .range(let range) in response.results {
            ranges.append(range)
        }
        guard ranges.count == requests.count, let revision = response.header?.revision else {
            throw .shortAnswer
        }
        return (ranges, revision)
    }

    func commit(_ txn: Txn, deadline: Deadline) throws(DatastoreError) -> TxnResponse {
        do throws(EtcdError) {
            return try client.commit(txn, deadline: deadline)
        } catch {
            throw .etcd(error)
        }
    }
}
