import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import Logging
import Testing

@testable import Reconciliation
@testable import Whereabouts

/// Pods that come, go and crash by chance, also between the looks of a reconciliation: nobody who lives loses an address, and in the end nobody else has one.
@Suite(.timeLimit(.minutes(5))) struct RandomHistoryTests {
    /// A cluster's pods, and what they were given.
    private final class History {
        private struct Pod {
            let uid: String
            var container: String?
            var addresses: [String] = []
        }

        let life = ScriptedLife("bystander")
        private let datastore: EtcdDatastore
        private let ranges: [AllocationRequest.Demand]
        private var random: SplitMix64
        private var pods: [String: Pod] = [:]
        private var count = 0
        private(set) var steps: [String] = []

        init(_ datastore: EtcdDatastore, seed: UInt64) throws {
            self.datastore = datastore
            random = SplitMix64(seed: seed)
            ranges = try ["10.0.0.0/28", "fd00::/64"].map { text in
                let pool = AddressPool(range: try IPPrefix(text), excluding: IPRangeSet([]))
                return AllocationRequest.Demand(domain: AllocationDomain(networkName: "blue"), pool: pool)
            }
        }

        func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

        private var limit: Deadline { .after(.seconds(30)) }

        /// One thing happens.
        func step() throws {
            count += 1
            let name = "pod-\(chance(5))"
            switch (chance(4), pods[name]) {
            case (_, nil):
                // The pod's object is there before its kubelet calls ADD.
                let uid = "uid-\(count)"
                life.pods[name] = PodState(uid: uid)
                pods[name] = Pod(uid: uid)
                steps.append("\(name) \(uid) created")
            case (0, let pod?):
                // An orderly end.
                if let container = pod.container { try delete(container) }
                (pods[name], life.pods[name]) = (nil, nil)
                steps.append("\(name) ended")
            case (1, .some):
                // Its node is gone.
                (pods[name], life.pods[name]) = (nil, nil)
                steps.append("\(name) crashed")
            case (_, let pod?):
                // A first or a next sandbox, of which the DEL of the one before comes late or never.
                let container = "c\(count)"
                let owner = AllocationOwner(
                    attachment: Attachment(containerID: container, interfaceName: "eth0"),
                    pod: PodReference(namespace: "default", name: name),
                    node: "node-a",
                    network: "lab"
                )
                let request = AllocationRequest(owner: owner, podUID: pod.uid, demands: ranges)
                pods[name]?.addresses = try datastore.allocate(request, deadline: limit).map(
                    \.address.address.description
                )
                pods[name]?.container = container
                if let old = pod.container, chance(2) == 0 { try delete(old) }
                steps.append("\(name) \(container) added")
            }
        }

        private func delete(_ container: String) throws {
            try datastore.release(Attachment(containerID: container, interfaceName: "eth0"), deadline: limit)
        }

        /// Whose the addresses are that somebody must have, as `address container`.
        var expected: Set<String> {
            Set(pods.values.flatMap { pod in pod.addresses.map { "\($0) \(pod.container ?? "")" } })
        }

        /// The same as the store has it.
        func recorded() throws -> Set<String> {
            let audit = try datastore.audit(deadline: limit)
            #expect(audit.inconsistencies.isEmpty)
            return Set(audit.entries.map { "\($0.address) \($0.record.owner.containerID)" })
        }
    }

    @Test(arguments: UInt64(1)...8) func nobodyWhoLivesLosesAnAddress(seed: UInt64) throws {
        let etcd = try EtcdServer()
        let history = try History(EtcdDatastore(etcd.client()), seed: seed)
        history.life.afterLook = { _ in
            for _ in 0..<history.chance(4) { try history.step() }
        }
        func reconcile(grace: Int64) throws {
            var settings = Reconciler.Settings()
            settings.grace = grace
            settings.maximalShare = 1
            let store = try EtcdStore(EtcdConfiguration(endpoints: Endpoint.list(etcd.endpoint)))
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let report = try Reconciler(store: store, source: history.life, settings: settings, logger: logger).run(
                as: "test"
            )
            #expect(report.isComplete)
        }
        for _ in 0..<25 {
            for _ in 0..<history.chance(6) { try history.step() }
            history.life.now += Int64(history.chance(100))
            try reconcile(grace: [0, 60][history.chance(2)])
            let lost = try history.expected.subtracting(history.recorded())
            try #require(lost.isEmpty, "\(lost) of seed \(seed) behind \(history.steps)")
        }
        history.life.afterLook = { _ in }
        try reconcile(grace: 0)
        #expect(try history.recorded() == history.expected)
    }
}
