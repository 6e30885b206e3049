import EtcdLab
import Foundation
import TestSupport
import Testing

/// Calls that all decide by what they have read, and claim when it is stale: `sleep_for_race` lies in between.
@Suite(.timeLimit(.minutes(10))) struct ProvokedRaceTests {
    private let etcd: EtcdServer

    init() throws {
        etcd = try EtcdServer()
    }

    /// Starts all calls before the first one claims, and returns how they end.
    private func add(_ containers: [String], _ range: String) throws -> [RunningProcess.Outcome] {
        let members = #""range": "\#(range)", "sleep_for_race": 2"#
        let calls = try containers.map {
            try Plugin.start(
                "ADD",
                container: $0,
                configuration: Plugin.configuration(etcd: etcd.endpoint, members)
            )
        }
        return try calls.map { try $0.wait() }
    }

    @Test func losersOfARaceGetTheNextAddresses() throws {
        let outcomes = try add((1...5).map { "c\($0)" }, "10.20.0.0/24")
        #expect(outcomes.flatMap(\.addresses).sorted() == (1...5).map { "10.20.0.\($0)/24" }, "\(outcomes)")
        #expect(try etcd.addressKeys().count == 5)
    }

    @Test func onlyTheLoserFindsTheRangeFull() throws {
        let outcomes = try add(["a", "b", "c"], "10.20.0.0/30")
        #expect(outcomes.flatMap(\.addresses).sorted() == ["10.20.0.1/30", "10.20.0.2/30"], "\(outcomes)")
        #expect(outcomes.compactMap(\.errorCode) == [100])
    }

    /// A runtime that did not wait for its first call.
    @Test func attachmentThatIsAddedTwiceAtOnceHasOneAddress() throws {
        let outcomes = try add(["a", "a", "a"], "10.20.0.0/24")
        #expect(outcomes.map(\.addresses) == Array(repeating: ["10.20.0.1/24"], count: 3), "\(outcomes)")
        #expect(try etcd.addressKeys().count == 1)
    }
}
