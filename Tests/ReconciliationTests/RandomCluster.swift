import AllocationHistory
import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import KubernetesClient
import KubernetesLab
import Logging
import Testing

@testable import ControlLoop
@testable import Reconciliation
@testable import Whereabouts

/// Pods that come, go and crash by chance beside a datastore, and what every call did, for a judge.
final class RandomCluster {
    private struct Pod {
        let uid: String
        var container: String?
        var addresses: [HistoryAddress] = []
    }

    /// The network of the ranges, and of all addresses.
    private static let network = "blue"

    let life = ScriptedLife("bystander")
    let kind: StoreKind
    private let etcd: EtcdServer?
    private let pluginConfig: String
    private let reconcilerConfig: String
    private let ranges: [AllocationRequest.Demand]
    private let begin = ContinuousClock.now
    private var random: SplitMix64
    private let seed: UInt64
    private var pods: [String: Pod] = [:]
    private var count = 0
    private var calls: [Call] = []
    /// When the reconciler looked last.
    private var lastLook: Int64 = 0
    private(set) var steps: [String] = []
    /// The pods as a watch knows them that is late.
    private var watched: [PodReference: PodState] = [:]
    private var memory = NodeMemory()

    init(_ kind: StoreKind, seed: UInt64) throws {
        self.kind = kind
        self.seed = seed
        random = SplitMix64(seed: seed)
        ranges = try ["10.0.0.0/28", "fd00::/64"].map { text in
            let pool = AddressPool(range: try IPPrefix(text), excluding: IPRangeSet([]))
            return AllocationRequest.Demand(domain: AllocationDomain(networkName: Self.network), pool: pool)
        }
        switch kind {
        case .etcd:
            etcd = try EtcdServer()
            (pluginConfig, reconcilerConfig) = ("", "")
        case .kubernetes:
            etcd = nil
            let server = try ReconciledCluster.shared.get().server
            let namespace = try server.makePluginNamespace()
            pluginConfig = namespace.kubeconfig
            // The right of its manifest is bound to one namespace at a time, which other tests use.
            reconcilerConfig = try server.kubeconfig(
                #""token": "\#(APIServer.adminToken)""#,
                namespace: namespace.name
            )
        }
        life.afterLook = { [unowned self] _ in
            for _ in 0..<self.chance(4) { try self.step() }
            self.lastLook = self.time
        }
    }

    func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    private var limit: Deadline { .after(.seconds(30)) }

    /// Nanoseconds since the begin.
    private var time: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - begin).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The datastore as a call of the plugin sees it.
    private func datastore() throws -> any Datastore {
        if let etcd { return EtcdDatastore(try etcd.client(), node: "node-a") }
        let client = try KubernetesClient(.kubeconfig(path: pluginConfig))
        return KubernetesDatastore(client, demands: ranges, node: "node-a", network: "lab")
    }

    private func store() throws -> any ReconciledStore {
        if let etcd { return try EtcdStore(EtcdConfiguration(endpoints: Endpoint.list(etcd.endpoint))) }
        return try KubernetesStore(
            .kubeconfig(path: reconcilerConfig),
            group: KubernetesDatastore.defaultGroup,
            namespace: nil
        )
    }

    // MARK: What happens

    /// One thing happens.
    func step() throws {
        count += 1
        let name = "pod-\(chance(5))"
        guard let pod = pods[name] else {
            // The pod's object is there before its kubelet calls ADD.
            let uid = "uid-\(count)"
            life.pods[name] = PodState(uid: uid)
            pods[name] = Pod(uid: uid)
            steps.append("\(name) \(uid) created")
            return
        }
        switch chance(4) {
        case 0:
            // An orderly end.
            if let container = pod.container { try delete(container, of: name) }
            (pods[name], life.pods[name]) = (nil, nil)
            steps.append("\(name) ended")
        case 1:
            // Its node is gone.
            (pods[name], life.pods[name]) = (nil, nil)
            steps.append("\(name) crashed")
        default:
            // A first or a next sandbox, of which the DEL of the one before comes late or never.
            let container = "c\(count)"
            pods[name]?.addresses = try add(container, of: name, uid: pod.uid)
            pods[name]?.container = container
            steps.append("\(name) \(container) added")
            if let old = pod.container, chance(2) == 0 { try delete(old, of: name) }
        }
    }

    private func add(_ container: String, of pod: String, uid: String) throws -> [HistoryAddress] {
        let owner = AllocationOwner(
            attachment: Attachment(containerID: container, interfaceName: "eth0"),
            pod: PodReference(namespace: "default", name: pod),
            node: "node-a",
            network: "lab"
        )
        let request = AllocationRequest(owner: owner, podUID: uid, demands: ranges)
        let start = time
        let allocations = try datastore().allocate(request, begin: nil, deadline: limit)
        let addresses = allocations.map {
            HistoryAddress(domain: Self.network, address: $0.address.address.description)
        }
        record(.add, container, of: "default/\(pod)", from: start, .succeeded(addresses: addresses))
        return addresses
    }

    private func delete(_ container: String, of pod: String) throws {
        let start = time
        _ = try datastore().release(Attachment(containerID: container, interfaceName: "eth0"), deadline: limit)
        record(.delete, container, of: "default/\(pod)", from: start, .succeeded(addresses: []))
    }

    private func record(_ verb: Verb, _ container: String, of pod: String, from start: Int64, _ outcome: CallOutcome) {
        calls.append(
            Call(
                number: calls.count + 1,
                verb: verb,
                node: "node-a",
                network: "lab",
                attachment: CallAttachment(container: container, interface: "eth0"),
                pod: pod,
                ranges: verb == .add ? [0, 1] : [],
                start: start,
                end: time,
                outcome: outcome
            )
        )
    }

    /// Reconciles once, with more happening behind each look; what is freed must be nobody's at that time.
    func reconcile(grace: Int64) throws {
        var settings = Reconciler.Settings()
        settings.grace = grace
        settings.maximalShare = 1
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let reconciler = Reconciler(store: try store(), source: life, settings: settings, logger: logger)
        let report = try reconciler.run(as: "test")
        #expect(report.isComplete, "\(report) behind \(steps)")
        try take(report.findings.filter { $0.state == .released }.map(\.allocation))
        steps.append("reconciled: \(report.summary)")
    }

    /// Has the control loop of the node look, with more happening behind its look at the pods, and a watch that may be late.
    func lookAfterNode() throws {
        if chance(2) == 0 { watched = life.references }
        let store = try store()
        store.enterBesideOthers()
        let pass = NodePass(
            node: "node-a",
            store: store,
            source: life,
            readCache: nil,
            settlingTime: 0,
            retention: 0
        )
        let outcome = try pass.run(living: watched, &memory) { _, _ in }
        #expect(outcome.failures.isEmpty && outcome.errors.isEmpty, "\(outcome) behind \(steps)")
        try take(outcome.released.map(\.allocation))
        steps.append("looked after: \(outcome.released.count) released")
    }

    /// Takes releases into the history; they must be nobody's.
    private func take(_ released: [StoredAllocation]) throws {
        var freed: Set<String> = []
        for allocation in released {
            let owner = allocation.owner
            let pod = try #require(owner.pod)
            // The release of what lives is none that a judge would have to count with, so that it convicts too.
            let isLive = pods[pod.name]?.container == owner.containerID
            #expect(!isLive, "\(allocation) of seed \(seed) behind \(steps)")
            guard !isLive, freed.insert(owner.containerID).inserted else { continue }
            record(.delete, owner.containerID, of: pod.description, from: lastLook, .succeeded(addresses: []))
        }
    }

    /// Ends what comes behind looks.
    func calmDown() {
        life.afterLook = { [unowned self] _ in self.lastLook = self.time }
    }

    /// Frees the addresses of a pod that lives, as no reconciler may; false where none has any.
    func freeALiveOne() throws -> Bool {
        guard let container = pods.values.compactMap(\.container).first else { return false }
        return try datastore().release(Attachment(containerID: container, interfaceName: "eth0"), deadline: limit) > 0
    }

    // MARK: What came of it

    /// Whose the addresses are that somebody must have, as `address container`.
    var expected: Set<String> {
        Set(pods.values.flatMap { pod in pod.addresses.map { "\($0.address) \(pod.container ?? "")" } })
    }

    /// Whether a pod of a name is there.
    func isThere(_ pod: PodReference?) -> Bool {
        pod.map { pods[$0.name] != nil } ?? false
    }

    /// What the store holds.
    func recorded() throws -> [StoredAllocation] {
        var recorded: [StoredAllocation] = []
        try store().scan(AllocationScope(), deadline: limit) { page throws(ReconciliationError) in
            if let error = page.errors.first { throw .datastore(error) }
            recorded += page.allocations
        }
        return recorded
    }

    /// What a judge finds wrong with all calls so far and the store as it is now.
    func violations() throws -> [Violation] {
        let recorded = try recorded()
        var inconsistencies = recorded.filter { $0.place.domain.hasPrefix("reservation/") }.map(\.place.description)
        if let etcd {
            let audit = try EtcdDatastore(etcd.client()).audit(deadline: limit)
            inconsistencies += audit.inconsistencies.map { "\($0)" }
        }
        let records = recorded.map { allocation in
            StoredRecord(
                address: HistoryAddress(domain: Self.network, address: allocation.place.address.description),
                attachment: CallAttachment(
                    container: allocation.owner.containerID,
                    interface: allocation.owner.interfaceName
                ),
                pod: allocation.owner.pod?.description,
                node: "node-a",
                isRetained: false
            )
        }
        let bounds = ranges.map { demand in
            HistoryRange(
                domain: Self.network,
                first: demand.pool.range.range.first.description,
                last: demand.pool.range.range.last.description,
                allocatableCount: .max,
                retainSeconds: 0
            )
        }
        let history = History(
            plugin: "whereabouts",
            seed: seed,
            plan: ["datastore": kind.rawValue],
            ranges: bounds,
            calls: calls,
            faults: [],
            beforeCleanup: StoreSnapshot(time: time, records: records, inconsistencies: inconsistencies),
            afterCleanup: nil
        )
        return Judge().violations(in: history)
    }
}
