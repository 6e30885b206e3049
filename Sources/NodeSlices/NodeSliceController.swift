public import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON
public import KubernetesClient
public import Logging
public import Whereabouts

/// Gives each node a slice of every range that is divided among the nodes, in the NodeSlicePools that the plugin reads (docs/design/slices.md).
///
/// It keeps nothing in memory that matters: every pass looks at all that there is, and changes objects as it has read them only. So it may be ended at
/// any moment, and two of them do no harm.
public final class NodeSliceController {
    /// What it works on.
    public struct Settings: Sendable {
        /// The namespace of the objects; nil for that of the client, and where that has none for kube-system.
        public var namespace: String?
        /// The API group of the objects.
        public var group: String
        /// Where the flat file is looked for that fills networks' configurations up.
        public var flatFiles: [String]

        /// Makes settings.
        public init(
            namespace: String? = nil,
            group: String = KubernetesDatastore.defaultGroup,
            flatFiles: [String] = []
        ) {
            self.namespace = namespace
            self.group = group
            self.flatFiles = flatFiles
        }
    }

    /// What a pass has found and done.
    public struct Outcome: Equatable, Sendable, CustomStringConvertible {
        /// The number of pools that there are behind it.
        public internal(set) var pools = 0
        /// The number of objects that it changed.
        public internal(set) var changes = 0
        /// The number of nodes that got no slice, over all pools.
        public internal(set) var unserved = 0
        /// The number of networks that can't be used.
        public internal(set) var faults = 0
        /// Whether something was changed by somebody else meanwhile, so that another pass is due.
        public internal(set) var isOutdated = false

        /// Whether every node has its slices.
        public var isComplete: Bool {
            unserved == 0 && faults == 0 && !isOutdated
        }

        /// What was found and done, in one line.
        public var description: String {
            "\(pools) pools, \(changes) changes, \(unserved) nodes without a slice, \(faults) that can't be used"
                + (isOutdated ? "; another pass is due" : "")
        }
    }

    /// How often a pool is looked at again in one pass, as its slices go.
    private static let roundLimit = 4

    let client: KubernetesClient
    let namespace: String
    private let reader: ClusterReader
    private let pools: APIResource
    private let usage: PoolUsage
    private let events: EventWriter
    private let logger: Logger
    /// What was said last of nodes without a slice, by pool: upstream's definition of the objects has no place for it.
    private var notes: [String: String] = [:]

    /// Makes a controller.
    public init(_ client: KubernetesClient, _ settings: Settings, logger: Logger) {
        self.client = client
        self.logger = logger
        namespace = settings.namespace ?? client.namespace ?? KubernetesDatastore.defaultNamespace
        reader = ClusterReader(client: client, settings: settings)
        pools = APIResource(group: settings.group, version: "v1alpha1", plural: "nodeslicepools")
        usage = PoolUsage(client: client, namespace: namespace, group: settings.group)
        events = EventWriter(client: client, namespace: namespace, logger: logger)
    }

    /// Looks at everything once, and changes what is not as it should be.
    ///
    /// What is wrong with one network keeps no other one from being served.
    ///
    /// - Throws: `KubernetesError` when the API server can't be asked, or forbids it.
    public func pass(deadline: Deadline) throws(KubernetesError) -> Outcome {
        var outcome = Outcome()
        let nodes = try reader.nodes(deadline: deadline)
        let (networks, faults) = try reader.networks(deadline: deadline)
        outcome.faults = faults.count
        for fault in faults {
            events.warn(of: fault.definition, reason: "InvalidNetwork", fault.message, deadline: deadline)
        }
        var present: [SlicePool] = []
        var unreadable: Set<String> = []
        for item in try reader.items(APIRequest(.list, pools, namespace: namespace), deadline: deadline) {
            do throws(DatastoreError) {
                present.append(try SlicePool(item))
            } catch {
                outcome.faults += 1
                unreadable.insert(item.text("metadata", "name") ?? "")
                events.warn(of: item, reason: "InvalidNodeSlicePool", "\(error)", deadline: deadline)
            }
        }
        // A cluster has nodes. Without any the answer is wrong, or the cluster is being made; nobody's slice is to go for that.
        guard !nodes.isEmpty else {
            logger.notice("the API server shows no nodes, so that nothing is changed")
            return outcome
        }
        var targets = SliceTargets(networks, present: present, unreadable: unreadable)
        for conflict in targets.conflicts {
            outcome.faults += 1
            logger.error("\(conflict)")
        }
        for index in targets.all.indices {
            // A network that can't be read may be the one that divides the range.
            guard targets.all[index].range != nil || outcome.faults == 0 else { continue }
            do throws(KubernetesError) {
                try settle(index, &targets, nodes, &outcome, deadline: deadline)
            } catch {
                guard !error.isOfServer else { throw error }
                outcome.faults += 1
                logger.error("\(error)")
            }
        }
        outcome.pools = targets.all.count { $0.pool.identity != nil }
        return outcome
    }

    /// Has one pool as it should be.
    private func settle(
        _ index: Int,
        _ targets: inout SliceTargets,
        _ nodes: [String],
        _ outcome: inout Outcome,
        deadline: Deadline
    ) throws(KubernetesError) {
        for _ in 0..<Self.roundLimit {
            let target = targets.all[index]
            var pool = target.pool
            guard let networkName = target.networkName else { return }
            // First what was retired before: it is in nobody's hands once its pool object is gone.
            for entry in pool.assignment.entries where entry.isRetired {
                switch try usage.release(entry, networkName: networkName, deadline: deadline) {
                case .free: pool.assignment.remove(entry)
                case .used: pool.assignment.restore(entry)
                case .unsettled: outcome.isOutdated = true
                }
            }
            let surplus = pool.assignment.surplus(
                nodes: Set(nodes),
                length: target.range?.length ?? 0,
                of: target.range?.pool
            )
            for entry in surplus {
                guard try !usage.isUsed(entry, networkName: networkName, deadline: deadline) else { continue }
                pool.assignment.retire(entry)
            }
            var unserved: [String] = []
            if let range = target.range {
                unserved = pool.assignment.assign(
                    nodes: nodes,
                    length: range.length,
                    of: range.pool,
                    beside: targets.others(than: index)
                )
            }
            let isLast = !pool.assignment.entries.contains(where: \.isRetired)
            // What is about to be free may be what a node lacks.
            let isNews =
                isLast && target.range != nil && pool.note(unserved: unserved, now: Timestamp.now)
                && notes[pool.name] != pool.exhaustion?.message
            if pool.assignment.entries.isEmpty, target.range == nil {
                try remove(pool, &outcome, deadline: deadline)
                return
            }
            if pool.assignment != target.pool.assignment || isNews || pool.identity == nil || target.isRespecified {
                guard let written = try write(pool, length: target.range?.length, &outcome, deadline: deadline) else {
                    outcome.isOutdated = true
                    return
                }
                targets.all[index].replace(written)
                if isNews { notes[pool.name] = pool.exhaustion?.message }
                if isNews { report(pool, unserved, deadline: deadline) }
            }
            if isLast || outcome.isOutdated {
                outcome.unserved += unserved.count
                return
            }
        }
        outcome.isOutdated = true
    }

    /// Writes a pool; nil when somebody else has changed it meanwhile.
    private func write(
        _ pool: SlicePool,
        length: Int?,
        _ outcome: inout Outcome,
        deadline: Deadline
    ) throws(KubernetesError) -> SlicePool? {
        let object = pool.json(apiVersion: pools.apiVersion, namespace: namespace, length: length)
        let reply =
            pool.identity == nil
            ? try client.send(APIRequest(.create(object), pools, namespace: namespace), deadline: deadline)
            : try client.send(
                APIRequest(.update(object), pools, namespace: namespace, name: pool.name),
                deadline: deadline
            )
        switch reply {
        case .object(let written):
            outcome.changes += 1
            logger.info("wrote NodeSlicePool \(pool.name)", metadata: ["slices": "\(pool.assignment.entries.count)"])
            return try? SlicePool(written)
        case .missing where pool.identity == nil:
            throw KubernetesError(
                .invalidConfiguration,
                "the namespace \(namespace) does not exist",
                advice: "Create it, or name another one by --namespace."
            )
        case .missing, .exists, .conflict:
            return nil
        case .unprocessable(let reason):
            throw KubernetesError(
                .refused(status: 422),
                "the API server refuses the NodeSlicePool \(pool.name): \(reason)",
                advice: "Install the CustomResourceDefinitions of this release, and look for webhooks that refuse it."
            )
        }
    }

    /// Deletes a pool that nobody needs.
    private func remove(_ pool: SlicePool, _ outcome: inout Outcome, deadline: Deadline) throws(KubernetesError) {
        guard let identity = pool.identity else { return }
        let verb = APIRequest.Verb.delete(uid: identity.uid, resourceVersion: identity.resourceVersion)
        let request = APIRequest(verb, pools, namespace: namespace, name: pool.name)
        if case .object = try client.send(request, deadline: deadline) {
            outcome.changes += 1
            logger.info("deleted NodeSlicePool \(pool.name), of which no slice is left")
        }
    }

    private func report(_ pool: SlicePool, _ unserved: [String], deadline: Deadline) {
        guard !unserved.isEmpty else { return }
        let object = pool.json(apiVersion: pools.apiVersion, namespace: namespace, length: nil)
        let message = pool.exhaustion?.message ?? ""
        events.warn(of: object, reason: "NoSliceLeft", message, deadline: deadline)
    }
}
