package import EtcdClient
internal import IPAM
package import Whereabouts

/// The etcd datastore as a reconciler uses it.
package final class EtcdStore: ReconciledStore {
    /// How many seconds a reconciler that was killed keeps others from working.
    private static let timeToLive: Int64 = 15

    private let configuration: EtcdConfiguration
    private let client: EtcdClient
    private let datastore: EtcdDatastore
    private var lease: Int64?
    private var renewal: LeaseRenewal?
    /// What holds as long as this is the only reconciler.
    private var guards: [Compare] = []

    /// Makes a store; nothing is connected yet.
    ///
    /// - Throws: `.datastore`.
    package init(_ configuration: EtcdConfiguration) throws(ReconciliationError) {
        self.configuration = configuration
        do throws(EtcdError) {
            client = try EtcdClient(configuration)
        } catch {
            throw Self.failure(error)
        }
        datastore = EtcdDatastore(client)
    }

    package var kind: String { "etcd" }

    package var namespace: String? { nil }

    package func enter(as name: String, deadline: Deadline) throws(ReconciliationError) {
        let lease: Int64
        do throws(EtcdError) {
            lease = try client.lease.grant(timeToLive: Self.timeToLive, deadline: deadline).id
        } catch {
            throw Self.failure(error)
        }
        self.lease = lease
        switch try call({ () throws(DatastoreError) in
            try datastore.claimReconciler(named: name, lease: lease, deadline: deadline)
        }) {
        case .held(let condition):
            guards = [condition]
            renewal = LeaseRenewal(of: lease, configuration)
        case .taken(let other):
            leave()
            throw .taken(by: other)
        }
    }

    package func enterBesideOthers() {
        guards = []
    }

    package func leave() {
        renewal?.end()
        renewal = nil
        guards = []
        // One that can't be revoked ends by itself.
        if let lease { _ = try? client.lease.revoke(lease, deadline: .after(.seconds(5))) }
        lease = nil
    }

    package var reader: any AllocationReader { datastore }

    package func release(
        _ allocations: [StoredAllocation],
        deadline: Deadline
    ) throws(ReconciliationError) -> [GuardedRelease?] {
        let outcomes = datastore.release(allocations, if: guards, deadline: deadline)
        if outcomes.contains(.changed) { try expectHeld(deadline: deadline) }
        return outcomes
    }

    package func releaseExpired(
        _ place: AllocationPlace,
        deadline: Deadline
    ) throws(ReconciliationError) -> Bool {
        try call { () throws(DatastoreError) in try datastore.releaseExpired(place, deadline: deadline) }
    }

    package func note(
        _ notes: [AllocationPlace: StrandedCandidate?],
        deadline: Deadline
    ) throws(ReconciliationError) {
        let isHeld = try call { () throws(DatastoreError) in
            try datastore.note(notes, if: guards, deadline: deadline)
        }
        guard isHeld else { throw .lost }
    }

    package func repair(
        nodes: Set<String>?,
        isDryRun: Bool,
        deadline: Deadline
    ) throws(ReconciliationError) -> [StoreRepair] {
        try call { () throws(DatastoreError) in
            try datastore.repairIndex(isDryRun: isDryRun, deadline: deadline)
                + datastore.removeSlices(ofNodesBeside: nodes, isDryRun: isDryRun, deadline: deadline)
        }
    }

    private func expectHeld(deadline: Deadline) throws(ReconciliationError) {
        for condition in guards {
            let holds = try call { () throws(DatastoreError) in try datastore.holds(condition, deadline: deadline) }
            guard holds else { throw .lost }
        }
    }

    private static func failure(_ error: EtcdError) -> ReconciliationError {
        if case .invalidConfiguration = error.code { return .configuration("\(error)") }
        return .datastore(.etcd(error))
    }
}
