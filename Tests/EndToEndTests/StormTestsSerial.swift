import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// Many plugins at once.
///
/// These tests take both cores, so they run one after the other.
@Suite(.serialized, .timeLimit(.minutes(15))) struct StormTestsSerial {
    let etcd: EtcdServer

    init() throws {
        etcd = try EtcdServer()
    }

    @Test(arguments: [false, true]) func twoHundredAddsAtOnceGetTheLowestTwoHundredAddresses(podsAreNamed: Bool) throws
    {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        func arguments(_ index: Int) -> String {
            podsAreNamed ? "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-\(index)" : ""
        }
        let transactions = try etcd.startedCalls("Txn")
        let adds = try (0..<200).map { index in
            try Plugin.start("ADD", container: "c\(index)", arguments: arguments(index), configuration: configuration)
        }
        let outcomes = try adds.map { try $0.wait() }
        #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes.first { $0.status != 0 }?.errorText ?? "")")
        #expect(Set(outcomes.flatMap(\.addresses)) == Set((1...200).map { "10.20.0.\($0)/24" }))
        // The metric counts the read of each ADD as a transaction too.
        let perAdd = Double(try etcd.startedCalls("Txn") - transactions) / 200
        #expect(perAdd < 1 + 2.5, "an ADD took \(perAdd) transactions, its read among them")

        let deletes = try (0..<200).map { index in
            try Plugin.start("DEL", container: "c\(index)", arguments: arguments(index), configuration: configuration)
        }
        #expect(try deletes.map { try $0.wait() }.allSatisfy { $0.status == 0 })
        #expect(try records().isEmpty)
        #expect(try indexKeys().isEmpty)
    }

    @Test func aDualStackStormIsAllOrNothing() throws {
        let ipam = "\"ipRanges\": [{\"range\": \"10.20.0.0/24\"}, {\"range\": \"fd00:20::/122\"}]"
        let configuration = Plugin.configuration(etcd: etcd.endpoint, ipam)
        let adds = try (0..<80).map { try Plugin.start("ADD", container: "c\($0)", configuration: configuration) }
        let outcomes = try adds.map { try $0.wait() }
        // 62 of the 64 addresses of the second range are usable.
        #expect(outcomes.count { $0.status == 0 } == 62)
        #expect(outcomes.filter { $0.status != 0 }.allSatisfy { $0.errorCode == 100 })
        #expect(try records().count == 124)
    }

    @Test func pluginsKilledAtAnyMomentLeaveNothingThatAddAndDeleteDoNotClean() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        var random = SplitMix64(seed: 60)
        for index in 0..<60 {
            let command = index % 4 == 3 ? "DEL" : "ADD"
            let victim = try Plugin.start(command, container: "c\(index % 20)", configuration: configuration)
            usleep(UInt32.random(in: 0..<7_000, using: &random))
            victim.signal(SIGKILL)
            try victim.wait()
            try expectEveryRecordIsIndexed("seed 60, kill \(index)")
        }
        // Nobody waits for what a killed one held: the next ADD is one read and one transaction as ever.
        let transactions = try etcd.startedCalls("Txn")
        let next = try Plugin.call("ADD", container: "next", configuration: configuration)
        #expect(next.status == 0)
        #expect(try etcd.startedCalls("Txn") - transactions == 2)
        _ = try Plugin.call("DEL", container: "next", configuration: configuration)
        for index in 0..<20 {
            #expect(try Plugin.call("ADD", container: "c\(index)", configuration: configuration).status == 0)
            #expect(try Plugin.call("DEL", container: "c\(index)", configuration: configuration).status == 0)
        }
        #expect(try records().isEmpty)
        #expect(try indexKeys().isEmpty)
    }

    @Test func addsAndDeletesOfManyPodsAtOnceNeverShareAnAddress() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint, "\"range\": \"10.20.0.0/27\"")
        var random = SplitMix64(seed: 7)
        var live: [String: [String]] = [:]
        for round in 0..<12 {
            let leaving = live.keys.sorted().filter { _ in Bool.random(using: &random) }
            let arriving = (0..<10).map { "r\(round)-\($0)" }
            let deletes = try leaving.map { try Plugin.start("DEL", container: $0, configuration: configuration) }
            let adds = try arriving.map { ($0, try Plugin.start("ADD", container: $0, configuration: configuration)) }
            for delete in deletes { #expect(try delete.wait().status == 0) }
            for container in leaving { live[container] = nil }
            for (container, add) in adds {
                let outcome = try add.wait()
                if outcome.status == 0 {
                    live[container] = outcome.addresses
                } else {
                    #expect(outcome.errorCode == 100, "\(outcome)")
                }
            }
            let addresses = live.values.flatMap { $0 }
            #expect(Set(addresses).count == addresses.count, "round \(round): an address has two owners")
            #expect(try records().count == addresses.count, "round \(round)")
            try expectEveryRecordIsIndexed("round \(round)")
        }
    }

    // MARK: - The store

    private func keys(_ prefix: String) throws -> [KeyValue] {
        try etcd.client().range(RangeRequest(.prefix(Key("/whereabouts/v1/" + prefix))), deadline: .after(.seconds(10)))
            .keyValues
    }

    private func records() throws -> [KeyValue] { try keys("address/") }

    private func indexKeys() throws -> [String] {
        try (keys("attachment/") + keys("node/") + keys("pod/")).map(\.key.description)
    }

    /// Each record stands once in the index by attachment and once in that by node, written in the same transaction.
    private func expectEveryRecordIsIndexed(_ comment: String) throws {
        func entries(_ prefix: String) throws -> Set<String> {
            Set(try keys(prefix).map { "\($0.key.description.suffix(27)) at \($0.modRevision)" })
        }
        for index in ["attachment/", "node/"] {
            #expect(try entries(index) == entries("address/"), "\(comment)")
        }
    }
}
