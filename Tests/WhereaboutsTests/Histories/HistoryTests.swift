import EtcdClient
import EtcdLab
import IPAM
import TestSupport
import Testing

@testable import Whereabouts

/// Random histories of calls against a real etcd: one client's against a model, several clients' against what they were told.
///
/// Each prints how to repeat it; WHEREABOUTS_SEED and WHEREABOUTS_STEPS do so.
@Suite(.serialized, .timeLimit(.minutes(10))) struct HistoryTests {
    private let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    @Test(arguments: HistorySettings.seeds) func callsDoWhatTheModelDoes(seed: UInt64) throws {
        let steps = HistorySettings.steps(default: 300)
        HistorySettings.announce("callsDoWhatTheModelDoes", seed: seed, steps: steps)
        var history = try ModelHistory(fixture, seed: seed)
        try history.run(steps: steps)
    }

    @Test(arguments: HistorySettings.seeds.prefix(1)) func clientsAtOnceNeverShareAnAddress(seed: UInt64) throws {
        let steps = HistorySettings.steps(default: 100)
        HistorySettings.announce("clientsAtOnceNeverShareAnAddress", seed: seed, steps: steps)
        let ledger = OwnershipLedger()
        let endpoint = fixture.etcd.endpoint
        let clients = (0..<6).map { number in
            BackgroundCall {
                var client = try HistoryClient("n\(number)-", seed: seed &+ UInt64(number), etcd: endpoint, ledger)
                try client.run(steps: steps)
                return client.containers
            }
        }
        let containers = try clients.flatMap { try $0.value() }
        #expect(ledger.violations == [])
        try fixture.expectConsistency()

        for container in containers {
            for interface in HistoryGenerator.interfaces { try fixture.delete(container.id, interface: interface) }
        }
        try fixture.expectConsistency()
        let records = try fixture.client.range(
            RangeRequest(.prefix(Key(KeySpace.prefix + "address/"))),
            deadline: DatastoreFixture.deadline()
        ).keyValues.map(RecordCoding.record)
        // What is left waits for pods.
        #expect(records.allSatisfy { $0.retainedUntil != nil })
        for index in ["attachment/", "node/"] { #expect(try fixture.keys(index) == []) }
    }
}
