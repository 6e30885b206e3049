package import EtcdClient
package import KubernetesClient
package import Whereabouts

/// The Kubernetes datastore as a reconciler uses it.
package final class KubernetesStore: ReconciledStore {
    private let datastore: KubernetesDatastore
    private let source: ClusterSource
    private let client: KubernetesClient
    private var lease: KubernetesLease?
    private var isBesideOthers = false

    /// Makes a store; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - source: The API server.
    ///   - group: The API group of the objects.
    ///   - namespace: Their namespace; nil for the one that the source names.
    /// - Throws: `.kubernetes`.
    package init(
        _ source: ClusterSource,
        group: String,
        namespace: String?
    ) throws(ReconciliationError) {
        self.source = source
        do throws(KubernetesError) {
            client = try KubernetesClient(source)
        } catch {
            throw .kubernetes(error)
        }
        datastore = KubernetesDatastore(client, group: group, namespace: namespace)
    }

    package var kind: String { "kubernetes" }

    package var namespace: String? { datastore.namespace }

    package func enter(as name: String, deadline: Deadline) throws(ReconciliationError) {
        let object = LeaseObject(name: "whereabouts-ip-reconciler", namespace: datastore.namespace, holder: name)
        lease = try KubernetesLease(object, of: client, renewedBy: source, deadline: deadline)
    }

    package func enterBesideOthers() {
        isBesideOthers = true
    }

    package func leave() {
        lease?.release(client, deadline: .after(.seconds(5)))
        lease = nil
    }

    package var reader: any AllocationReader { datastore }

    package func release(
        _ allocations: [StoredAllocation],
        deadline: Deadline
    ) throws(ReconciliationError) -> [GuardedRelease?] {
        let outcomes = datastore.release(allocations, deadline: deadline) { isHeld }
        guard isHeld else { throw .lost }
        return outcomes
    }

    package func releaseExpired(
        _ place: AllocationPlace,
        deadline: Deadline
    ) throws(ReconciliationError) -> Bool {
        // Its objects have no place for what waits.
        false
    }

    package func note(
        _ notes: [AllocationPlace: StrandedCandidate?],
        deadline: Deadline
    ) throws(ReconciliationError) {
        guard isHeld else { throw .lost }
        try call { () throws(DatastoreError) in try datastore.note(notes, deadline: deadline) }
    }

    package func repair(
        nodes: Set<String>?,
        isDryRun: Bool,
        deadline: Deadline
    ) throws(ReconciliationError) -> [StoreRepair] {
        guard isDryRun || isHeld else { throw .lost }
        return try call { () throws(DatastoreError) in
            try datastore.repairHalves(isDryRun: isDryRun, deadline: deadline)
        }
    }

    private var isHeld: Bool {
        isBesideOthers || lease?.isHeld ?? false
    }
}
