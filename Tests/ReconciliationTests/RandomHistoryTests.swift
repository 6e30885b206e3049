import AllocationHistory
import IPAM
import Testing

@testable import Reconciliation
@testable import Whereabouts

/// Pods that come, go and crash by chance, also between the looks of a reconciliation or of the node's control loop: nobody who lives loses an address, and in the end nobody else has one.
@Suite(.timeLimit(.minutes(10))) struct RandomHistoryTests {
    private func live(_ cluster: RandomCluster, rounds: Int) throws {
        for _ in 0..<rounds {
            for _ in 0..<cluster.chance(6) { try cluster.step() }
            cluster.life.now += Int64(cluster.chance(100))
            switch cluster.chance(3) {
            case 0: try cluster.lookAfterNode()
            case let grace: try cluster.reconcile(grace: [0, 60][grace - 1])
            }
            let recorded = Set(try cluster.recorded().map { "\($0.place.address) \($0.owner.containerID)" })
            let lost = cluster.expected.subtracting(recorded)
            try #require(lost.isEmpty, "\(lost) behind \(cluster.steps)")
        }
        cluster.calmDown()
    }

    private func expectJustice(_ cluster: RandomCluster) throws {
        try live(cluster, rounds: 25)
        try cluster.reconcile(grace: 0)
        let expected = cluster.expected
        for allocation in try cluster.recorded()
        where !expected.contains("\(allocation.place.address) \(allocation.owner.containerID)") {
            // Without a UID nothing tells a pod from the one before it, until it has addresses.
            #expect(
                cluster.kind == .kubernetes && cluster.isThere(allocation.owner.pod),
                "\(allocation) behind \(cluster.steps)"
            )
        }
        let violations = try cluster.violations()
        #expect(violations.isEmpty, "\(violations) behind \(cluster.steps)")
    }

    @Test(arguments: UInt64(1)...8) func nobodyWhoLivesLosesAnAddress(seed: UInt64) throws {
        try expectJustice(RandomCluster(.etcd, seed: seed))
    }

    @Test(arguments: UInt64(1)...3) func nobodyDoesOnKubernetesEither(seed: UInt64) throws {
        try expectJustice(RandomCluster(.kubernetes, seed: seed))
    }

    /// The judge would have seen it.
    @Test(arguments: StoreKind.allCases) func aWrongReleaseIsSeen(kind: StoreKind) throws {
        let cluster = try RandomCluster(kind, seed: 1)
        var isFreed = false
        for _ in 0..<20 where !isFreed {
            try live(cluster, rounds: 1)
            #expect(try cluster.violations().isEmpty)
            isFreed = try cluster.freeALiveOne()
        }
        try #require(isFreed)
        #expect(try cluster.violations().contains { $0.rule == .lostRecord })
    }
}
