import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// An ADD that a runtime ends, or that its own limit ends: nothing is half done.
@Suite(.timeLimit(.minutes(10))) struct InterruptedAddTests {
    let etcd: EtcdServer

    init() throws {
        etcd = try EtcdServer()
    }

    /// The keys of one allocation in two ranges: the record and two index keys of each.
    private static let completeCount = 6

    private func configuration(_ endpoint: String? = nil, _ members: String = "") -> String {
        let ranges = "\"ipRanges\": [{\"range\": \"10.20.0.0/24\"}, {\"range\": \"fd00:20::/64\"}]"
        return Plugin.configuration(etcd: endpoint ?? etcd.endpoint, ranges + members)
    }

    /// Starts an ADD that SIGTERM ends: threads of Dispatch, which run the tests, block signals, and what they start inherits that.
    private func startAdd(_ endpoint: String? = nil) throws -> RunningProcess {
        try RunningProcess(
            "/usr/bin/env",
            ["--default-signal=TERM", Plugin.path],
            environment: [
                "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_NETNS": "/none",
                "CNI_PATH": "/none", "NODENAME": "node-a",
            ],
            input: Data(configuration(endpoint).utf8)
        )
    }

    private func delete() throws {
        let deleted = try Plugin.call("DEL", container: "c1", configuration: configuration())
        #expect(deleted.status == 0, "\(deleted)")
        #expect(try etcd.allocationKeys().isEmpty)
    }

    @Test func endedBeforeItsTransactionItLeavesNothing() throws {
        try etcd.freezeAndWait()
        let add = try startAdd()
        Thread.sleep(forTimeInterval: 0.2)
        add.signal(SIGTERM)
        let outcome = try add.wait()
        etcd.thaw()
        #expect(outcome.wasSignaled)
        #expect(outcome.output.isEmpty)
        #expect(try etcd.allocationKeys().isEmpty)
        try delete()
    }

    @Test func endedBehindItsTransactionItLeavesAWholeAllocationThatDeleteFrees() throws {
        let proxy = try TCPProxy(to: etcd.clientPort, .holdSecondReply)
        let add = try startAdd(proxy.endpoint)
        while try etcd.allocationKeys().isEmpty {}
        add.signal(SIGTERM)
        let outcome = try add.wait()
        #expect(outcome.wasSignaled)
        #expect(outcome.output.isEmpty)
        #expect(try etcd.allocationKeys().count == Self.completeCount)
        try delete()
    }

    /// Whatever moment it is: all or nothing.
    @Test func endedAtAnyMomentItLeavesAllOrNothing() throws {
        for step in 0..<24 {
            let add = try startAdd()
            Thread.sleep(forTimeInterval: Double(step) * 0.003)
            add.signal(SIGTERM)
            let outcome = try add.wait()
            let count = try etcd.allocationKeys().count
            #expect([0, Self.completeCount].contains(count), "step \(step)")
            #expect(outcome.wasSignaled || count == Self.completeCount, "step \(step)")
            try delete()
        }
    }

    @Test(arguments: [("ADD", "add_timeout"), ("DEL", "del_timeout")])
    func theConfiguredLimitEndsACallThatGetsNoAnswer(command: String, key: String) throws {
        try etcd.freezeAndWait()
        let limited = configuration(nil, ", \"\(key)\": 1")
        let outcome = try Plugin.call(command, container: "c1", configuration: limited)
        etcd.thaw()
        #expect(outcome.errorCode == 11, "\(outcome)")
        // One request alone would be waited for 5 seconds.
        let time = try #require(outcome.errorText.firstMatch(of: /tried for (\d+) ms/)?.1)
        #expect(try #require(Int(time)) < 5000)
        #expect(try etcd.allocationKeys().isEmpty)
    }
}
