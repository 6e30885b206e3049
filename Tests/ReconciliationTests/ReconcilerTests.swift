import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import JSON
import Logging
import TestSupport
import Testing

@testable import Reconciliation
@testable import Whereabouts

/// The order of reading, looking and releasing, on a real etcd and beside pods that a test makes up.
@Suite(.timeLimit(.minutes(5))) struct ReconcilerTests {
    let etcd: EtcdServer
    let client: EtcdClient
    let datastore: EtcdDatastore

    init() throws {
        etcd = try EtcdServer()
        client = try etcd.client()
        datastore = EtcdDatastore(client)
    }

    static func limit() -> Deadline { .after(.seconds(60)) }

    func demand(_ range: String, network: String = "") throws -> AllocationRequest.Demand {
        AllocationRequest.Demand(
            domain: AllocationDomain(networkName: network),
            pool: AddressPool(range: try IPPrefix(range), excluding: IPRangeSet([]))
        )
    }

    @discardableResult
    func add(
        _ container: String,
        pod: String? = nil,
        uid: String? = nil,
        node: String = "node-a",
        _ range: String = "10.0.0.0/16",
        network: String = ""
    ) throws -> IPAddress {
        let request = AllocationRequest(
            owner: AllocationOwner(
                attachment: Attachment(containerID: container, interfaceName: "eth0"),
                pod: pod.map { PodReference(namespace: "default", name: $0) },
                node: node,
                network: "lab"
            ),
            podUID: uid,
            demands: [try demand(range, network: network)]
        )
        return try #require(datastore.allocate(request, deadline: Self.limit()).first).address.address
    }

    /// Writes allocations of numbered containers and pods, as an ADD does.
    func fill(_ numbers: ClosedRange<Int>, node: (Int) -> String) throws {
        let range = try IPPrefix("10.0.0.0/16")
        var operations: [TxnOperation] = []
        for number in numbers {
            let address = try #require(range.first.advanced(by: UInt128(number)))
            let owner = AllocationOwner(
                attachment: Attachment(containerID: "c\(number)", interfaceName: "eth0"),
                pod: PodReference(namespace: "default", name: "pod-\(number)"),
                node: node(number),
                network: "lab"
            )
            let record = AllocationRecord(owner: owner, podUID: "u\(number)", range: range.description, created: .now)
            operations.append(.put(PutRequest(KeySpace.address("default", address), RecordCoding.encode(record))))
            for key in KeySpace.indexKeys(owner, "default", address) {
                operations.append(.put(PutRequest(key, RecordCoding.encode(owner))))
            }
            if operations.count >= 100 || number == numbers.upperBound {
                #expect(try client.commit(Txn(then: operations), deadline: Self.limit()).succeeded)
                operations = []
            }
        }
    }

    func reconcile(
        _ life: ScriptedLife,
        nodes: Set<String>? = nil,
        _ change: (inout Reconciler.Settings) -> Void = { _ in },
        endEarly: (ReconciliationReport) -> Void = { _ in }
    ) throws -> ReconciliationReport {
        var settings = Reconciler.Settings()
        settings.grace = 0
        change(&settings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try EtcdStore(EtcdConfiguration(endpoints: Endpoint.list(etcd.endpoint)))
        let reconciler = Reconciler(
            store: store,
            source: life,
            settings: settings,
            logger: logger,
            nodes: { () throws(ReconciliationError) in nodes }
        )
        return try reconciler.run(as: "test", endEarly: endEarly)
    }

    func owners() throws -> [String] {
        try datastore.audit(deadline: Self.limit()).entries.map(\.record.owner.containerID)
    }

    func candidates() throws -> [String: StrandedCandidate] {
        Dictionary(
            uniqueKeysWithValues: try datastore.candidates(deadline: Self.limit()).map { ($0.address.description, $1) }
        )
    }

    func expectConsistency(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let audit = try datastore.audit(deadline: Self.limit())
        #expect(audit.inconsistencies.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func twoLooksAreGraceApart() throws {
        try add("c1", pod: "live")
        try add("c2", pod: "gone")
        try add("c3")
        let life = ScriptedLife("live")
        let first = try reconcile(life) { $0.grace = 600 }
        #expect(first.count(.candidate) == 1 && first.withoutPod == 1 && first.allocations == 3, "\(first)")
        #expect(try candidates().mapValues(\.since) == ["10.0.0.2": life.now])
        life.now += 599
        let second = try reconcile(life) { $0.grace = 600 }
        #expect(second.findings.map(\.since) == [life.now - 599])
        #expect(try owners() == ["c1", "c2", "c3"])
        life.now += 1
        let third = try reconcile(life) { $0.grace = 600 }
        #expect(third.count(.released) == 1, "\(third)")
        #expect(try owners() == ["c1", "c3"])
        #expect(try candidates().isEmpty)
        try expectConsistency()
        // The address is marked as free.
        #expect(try add("c4", pod: "next") == IPAddress("10.0.0.2"))
    }

    @Test func whatIsSeenAliveOrHasChangedBeginsAnew() throws {
        try add("c1", pod: "web-0")
        let life = ScriptedLife("other")
        _ = try reconcile(life) { $0.grace = 600 }
        life.pods["web-0"] = PodState(uid: "u1")
        life.now += 600
        _ = try reconcile(life) { $0.grace = 600 }
        #expect(try candidates().isEmpty)
        life.pods["web-0"] = nil
        _ = try reconcile(life) { $0.grace = 600 }
        #expect(try candidates().count == 1)
        // The pod's next container takes the address over.
        #expect(try add("c2", pod: "web-0") == IPAddress("10.0.0.1"))
        life.now += 600
        let report = try reconcile(life) { $0.grace = 600 }
        #expect(report.findings.map(\.since) == [life.now])
        #expect(try owners() == ["c2"])
    }

    @Test func aNoteOfWhatIsGoneGoes() throws {
        try add("c1", pod: "gone")
        let life = ScriptedLife("other")
        _ = try reconcile(life) { $0.grace = 600 }
        try datastore.release(Attachment(containerID: "c1", interfaceName: "eth0"), deadline: Self.limit())
        #expect(try candidates().count == 1)
        _ = try reconcile(life) { $0.scope = AllocationScope(node: "node-b") }
        #expect(try candidates().count == 1)
        _ = try reconcile(life) { $0.grace = 600 }
        #expect(try candidates().isEmpty)
    }

    /// A clock that was ahead when the note was made does not keep the address for as long.
    @Test func aNoteFromTheFutureCountsFromNow() throws {
        try add("c1", pod: "gone")
        let life = ScriptedLife("other")
        _ = try reconcile(life) { $0.grace = 600 }
        life.now -= 100_000
        _ = try reconcile(life) { $0.grace = 600 }
        #expect(try candidates().values.map(\.since) == [life.now])
    }

    /// The re-created pod's ADD comes between the last look and the release.
    @Test func anAddBehindTheLastLookWins() throws {
        try add("c1", pod: "web-0", uid: "u1")
        try add("c2", pod: "gone", uid: "u2")
        let life = ScriptedLife("other")
        life.afterLook = { number in
            // The first look only finds out where to look closer.
            if number == 2 { try add("c3", pod: "web-0", uid: "u3") }
        }
        let report = try reconcile(life)
        #expect(report.findings.map(\.state) == [.changed, .released], "\(report)")
        #expect(try owners() == ["c3"])
        try expectConsistency()
    }

    /// The record is younger than the first look, and the pod too.
    @Test func whatComesBehindTheFirstLookIsLookedUpAgain() throws {
        try add("c1", pod: "old")
        let life = ScriptedLife("old")
        life.afterLook = { number in
            guard number == 1 else { return }
            try add("c2", pod: "new")
            life.pods["new"] = PodState(uid: "u2")
        }
        let report = try reconcile(life)
        #expect(report.findings.isEmpty, "\(report)")
        #expect(try owners() == ["c1", "c2"])
    }

    @Test func replacedPodsAndOtherNetworksAndFamilies() throws {
        try add("c1", pod: "web-0", uid: "u1", "fd00::/64", network: "blue")
        try add("c2", pod: "web-0", uid: "u2", "fd00::/64")
        try add("c3", pod: "static", uid: "hash", "10.1.0.0/24", network: "blue")
        try add("c4", pod: "static", uid: "hash2", "10.1.0.0/24")
        let life = ScriptedLife([
            "web-0": PodState(uid: "u2"), "static": PodState(uid: "mirror", configHash: "hash"),
        ])
        let report = try reconcile(life)
        #expect(report.findings.map(\.reason) == ["podReplaced", "podReplaced"], "\(report)")
        #expect(try owners().sorted() == ["c2", "c3"])
        try expectConsistency()
    }

    /// A static pod without a mirror pod goes with its node, by two looks like all else.
    @Test func staticPodsGoWithTheirNodes() throws {
        let hash = "0123456789abcdef0123456789abcdef"
        try add("c1", pod: "web-node-a", uid: hash, node: "node-a")
        try add("c2", pod: "web-node-b", uid: hash, node: "node-b")
        // The API server may know this node by another name.
        try add("c3", pod: "web-host", uid: hash, node: "node-c")
        let life = ScriptedLife("other")
        for nodes in [nil, [], ["node-a", "node-b"]] as [Set<String>?] {
            let report = try reconcile(life, nodes: nodes)
            #expect(report.findings.isEmpty && report.withoutPod == 3, "\(report)")
        }
        let first = try reconcile(life, nodes: ["node-b"]) { $0.grace = 600 }
        #expect(first.count(.candidate) == 1 && first.withoutPod == 2, "\(first)")
        // Its node is back.
        #expect(try reconcile(life, nodes: ["node-a", "node-b"]) { $0.grace = 600 }.findings.isEmpty)
        #expect(try candidates().isEmpty)
        let last = try reconcile(life, nodes: ["node-b"])
        #expect(last.findings.map(\.reason) == ["podGone"], "\(last)")
        #expect(try owners() == ["c2", "c3"])
    }

    @Test func aScopeLeavesAllElse() throws {
        try add("c1", pod: "gone-1", node: "node-a")
        try add("c2", pod: "gone-2", node: "node-b")
        try add("c3", pod: "gone-3", node: "node-b", network: "blue")
        let life = ScriptedLife("other")
        #expect(try reconcile(life) { $0.scope = AllocationScope(node: "node-b", network: "blue") }.allocations == 1)
        #expect(try owners().sorted() == ["c1", "c2"])
        #expect(try reconcile(life) { $0.scope = AllocationScope(network: "nothing") }.allocations == 0)
        #expect(try reconcile(life) { $0.scope = AllocationScope(network: "lab") }.count(.released) == 2)
    }

    @Test func anAnswerWithoutPodsIsRefused() throws {
        try add("c1", pod: "web-0")
        let life = ScriptedLife()
        let error = #expect(throws: ReconciliationError.self) { try reconcile(life) }
        #expect(error?.exitStatus == 3, "\(error?.description ?? "")")
        #expect(error?.description.contains("--max-share 1") ?? false)
        #expect(try owners() == ["c1"])
        #expect(try candidates().isEmpty)
        // What is nobody's is no sign.
        #expect(try reconcile(life) { $0.maximalShare = 1 }.count(.released) == 1)
        try add("c2")
        #expect(try reconcile(life).withoutPod == 1)
    }

    /// The API server forgets everybody between the first look and the second one.
    @Test func anAnswerThatLosesAllPodsInBetweenIsRefused() throws {
        for number in 0..<12 { try add("gone-\(number)", pod: "gone-\(number)") }
        for number in 0..<20 { try add("live-\(number)", pod: "live-\(number)") }
        let life = ScriptedLife(
            Dictionary(uniqueKeysWithValues: (0..<20).map { ("live-\($0)", PodState(uid: "u\($0)")) })
        )
        life.afterLook = { number in
            if number == 1 { life.pods = [:] }
        }
        let error = #expect(throws: ReconciliationError.self) { try reconcile(life) }
        #expect(error?.exitStatus == 3)
        #expect(try owners().count == 32)
    }

    @Test func tooGreatAShareIsRefused() throws {
        for number in 0..<10 { try add("gone-\(number)", pod: "gone-\(number)") }
        for number in 0..<9 { try add("live-\(number)", pod: "live-\(number)") }
        let life = ScriptedLife(
            Dictionary(uniqueKeysWithValues: (0..<9).map { ("live-\($0)", PodState(uid: "u\($0)")) })
        )
        let error = #expect(throws: ReconciliationError.self) { try reconcile(life) { $0.grace = 600 } }
        #expect(
            error?.exitStatus == 3 && error?.description.contains("10 of 19") ?? false,
            "\(error?.description ?? "")"
        )
        #expect(try candidates().isEmpty)
        #expect(try owners().count == 19)
        #expect(try reconcile(life) { $0.maximalShare = 0.6 }.count(.released) == 10)
        // Few are not a share.
        for number in 0..<8 {
            let attachment = Attachment(containerID: "live-\(number)", interfaceName: "eth0")
            try datastore.release(attachment, deadline: Self.limit())
        }
        for number in 0..<9 { try add("more-\(number)", pod: "gone-\(number)") }
        #expect(try reconcile(life).count(.released) == 9)
    }

    @Test func aDryRunChangesNothing() throws {
        try add("c1", pod: "gone")
        try add("c2", pod: "live")
        let before = try client.range(RangeRequest(.prefix("")), deadline: Self.limit())
        let report = try reconcile(ScriptedLife("live")) { $0.isDryRun = true }
        #expect(report.findings.map(\.state) == [.due])
        let after = try client.range(RangeRequest(.prefix("")), deadline: Self.limit())
        #expect(before.keyValues == after.keyValues)
        #expect(before.header?.revision == after.header?.revision)
    }

    @Test func aReportIsReleasedAsItIs() throws {
        for name in ["c1", "c2", "c3"] { try add(name, pod: "gone-\(name)") }
        let life = ScriptedLife("other")
        let report = try reconcile(life) { $0.isDryRun = true }
        try add("c4", pod: "gone-c4")
        // One has changed since, and another one lives again.
        try add("next", pod: "gone-c2")
        life.pods["gone-c3"] = PodState(uid: "u3")
        let text = report.text
        let list = try ReleaseList(parsing: text, of: "report.json")
        let release = try reconcile(life) {
            $0.list = list
            $0.grace = 600
        }
        #expect(
            release.findings.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.changed, .released],
            "\(release)"
        )
        #expect(try owners().sorted() == ["c3", "c4", "next"])
        // An answer without any pods frees nothing here either.
        #expect(throws: ReconciliationError.self) {
            try add("c5", pod: "gone-c5")
            let other = try reconcile(life) { $0.isDryRun = true }
            let list = try ReleaseList(parsing: other.text, of: "report.json")
            _ = try reconcile(ScriptedLife()) { $0.list = list }
        }
        #expect(try owners().sorted() == ["c3", "c4", "c5", "next"])
        // Again, there is nothing to do.
        #expect(try reconcile(life) { $0.list = list }.count(.released) == 0)
        #expect(throws: ReconciliationError.self) { try ReleaseList(parsing: Array("{}".utf8), of: "x") }
        #expect(throws: ReconciliationError.self) { try ReleaseList(parsing: Array("nonsense".utf8), of: "x") }
    }

    @Test func whatHasWaitedLongEnoughIsFreed() throws {
        try add("c1", pod: "web-0")
        try add("c2", pod: "web-1")
        for (container, retention) in [("c1", Int64(1)), ("c2", 3600)] {
            try EtcdDatastore(client, retention: retention).release(
                Attachment(containerID: container, interfaceName: "eth0"),
                deadline: Self.limit()
            )
        }
        let life = ScriptedLife("other")
        life.now = Timestamp.secondsNow - 100
        #expect(try reconcile(life).waiting == 2)
        while Timestamp.secondsNow <= life.now + 102 { Pause.milliseconds(50) }
        life.now = Timestamp.secondsNow
        let report = try reconcile(life)
        #expect(report.waiting == 1 && report.findings.map(\.reason) == ["retentionOver"], "\(report)")
        #expect(try owners() == ["c2"])
        try expectConsistency()
    }

    @Test func oneThatCanNotBeReadHindersNobody() throws {
        try add("c1", pod: "gone")
        try client.put(PutRequest("/whereabouts/v1/address/default/ipv4/010.000.000.099", "{}"), deadline: Self.limit())
        let report = try reconcile(ScriptedLife("other"))
        #expect(report.errors.count == 1 && !report.isComplete)
        #expect(report.count(.released) == 1)
    }

    @Test func whoLostTheLeaseFreesNothing() throws {
        try add("c1", pod: "gone")
        let life = ScriptedLife("other")
        life.afterLook = { [client] number in
            guard number == 2 else { return }
            // As if the lease had ended, and another one had come.
            try client.put(PutRequest(KeySpace.reconciler, "another"), deadline: Self.limit())
            try client.deleteRange(DeleteRangeRequest(.single(KeySpace.reconciler)), deadline: Self.limit())
            try client.put(PutRequest(KeySpace.reconciler, "another"), deadline: Self.limit())
        }
        var partial: ReconciliationReport?
        #expect(throws: ReconciliationError.lost) { try reconcile(life, endEarly: { partial = $0 }) }
        #expect(try owners() == ["c1"])
        // Whoever reads its report learns what it was about to do.
        #expect(partial?.allocations == 1)
        #expect(partial?.findings.map(\.state) == [.failed])
        #expect(partial?.findings.first?.error?.contains("is not known") ?? false)
        #expect(partial?.errors.first?.contains("ended early") ?? false)
        #expect(throws: ReconciliationError.taken(by: "another")) { try reconcile(ScriptedLife("other")) }
    }

    /// Ten thousand allocations, a tenth of them stranded.
    @Test func tenThousandAllocations() throws {
        try fill(1...10_000) { "node-\($0 % 100)" }
        var pods: [String: PodState] = [:]
        for number in 1...10_000 where number % 10 != 0 { pods["pod-\(number)"] = PodState(uid: "u\(number)") }
        let life = ScriptedLife(pods)
        #expect(try reconcile(life) { $0.grace = 600 }.count(.candidate) == 1000)
        life.now += 600
        let report = try reconcile(life) { $0.grace = 600 }
        #expect(report.count(.released) == 1000 && report.allocations == 10_000)
        #expect(try owners().count == 9000)
        #expect(try candidates().isEmpty)
        try expectConsistency()
    }

    /// It is told as one, though its repetition finds that nothing is as it was read.
    @Test(arguments: [0, 60]) func aReleaseWhoseAnswerIsLostIsOne(retention: Int64) throws {
        let addresses = [try add("c1", pod: "web-0"), try add("c2", pod: "web-1")]
        let places = addresses.map { AllocationPlace(domain: "default", address: $0) }
        let found = try datastore.allocations(at: places, deadline: Self.limit())
        let behaviors: (TCPProxy.Behavior, TCPProxy.Behavior) =
            retention == 0 ? (.loseReply, .forward) : (.loseSecondReply, .forward)
        let proxy = try TCPProxy(to: etcd.clientPort, behaviors.0, behaviors.1)
        let through = EtcdDatastore(try EtcdClient(connectionString: proxy.endpoint), retention: retention)
        #expect(through.release(found, if: [], deadline: Self.limit()) == [.released, .released])
        let left = try datastore.allocations(at: places, deadline: Self.limit())
        #expect(left.count == (retention == 0 ? 0 : 2) && left.allSatisfy { $0.retainedUntil != nil })
        // What was released before is not one, where an answer says so.
        #expect(through.release(found, if: [], deadline: Self.limit()) == [.changed, .changed])
    }

    /// The right that only one has is not taken for what does not answer, nor is it waited for as long as a long list may take.
    @Test func anAPIServerThatRefusesConnectionsEndsTheRun() throws {
        let scratch = try ScratchDirectory("unreachable")
        let (flatFile, kubeconfig) = (scratch.path("whereabouts.conf"), scratch.path("kubeconfig"))
        try Data(#"{"etcd_host": "\#(etcd.endpoint)"}"#.utf8).write(to: URL(fileURLWithPath: flatFile))
        let port = try RefusingPort()
        let text = """
            {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
             "clusters": [{"name": "c", "cluster": {"server": "https://\(port.endpoint)"}}],
             "users": [{"name": "u", "user": {"token": "t"}}]}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: kubeconfig))
        let run = try RunningProcess(ReconciledCluster.program, ["--config", flatFile, "--kubeconfig", kubeconfig])
        let outcome = try run.wait()
        #expect(outcome.status == 1 && outcome.errors.contains(port.endpoint), "\(outcome)")
        let key = RangeRequest(.prefix("/whereabouts/v1/reconciler"))
        #expect(try client.range(key, deadline: Self.limit()).header?.revision == 1)
    }

    /// Records that are somebody's are held a page at a time.
    @Test func theMemoryIsThatOfAPage() throws {
        let scratch = try ScratchDirectory("memory")
        let (flatFile, list) = (scratch.path("whereabouts.conf"), scratch.path("attachments.json"))
        try Data(#"{"etcd_host": "\#(etcd.endpoint)"}"#.utf8).write(to: URL(fileURLWithPath: flatFile))
        let living = (1...30_000).map { #"{"containerID": "c\#($0)", "ifname": "eth0"}"# }
        try Data("[\(living.joined(separator: ","))]".utf8).write(to: URL(fileURLWithPath: list))
        /// The most that a run had in memory, in bytes.
        func peak(_ count: Int) throws -> Int {
            let run = try RunningProcess(
                "/usr/bin/python3",
                [
                    "-c",
                    """
                    import resource, subprocess, sys
                    status = subprocess.run(sys.argv[1:]).returncode
                    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
                    sys.exit(status)
                    """, ReconciledCluster.program, "--config", flatFile, "--attachments", list, "--node", "node-a",
                ]
            ).wait()
            #expect(run.status == 0 && run.errors.contains("\(count) allocations"), "\(run)")
            return try #require(Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(run)")
        }
        try fill(1...5000) { _ in "node-a" }
        let few = try peak(5000)
        try fill(5001...30_000) { _ in "node-a" }
        let many = try peak(30_000)
        // Each record that was held would take 250 bytes, and more with longer names.
        #expect(many - few < 25_000 * 100, "\(few) bytes with 5000, \(many) with 30,000")
    }
}

extension ReconciliationReport {
    /// The report as it is written.
    fileprivate var text: [UInt8] {
        var text: [UInt8] = []
        write { text += $0 }
        return text
    }
}
