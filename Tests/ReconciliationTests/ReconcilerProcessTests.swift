import EtcdClient
import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// The built reconciler beside the built plugin, on a real API server and either datastore.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ReconcilerProcessTests {
    let cluster: ReconciledCluster

    init() throws {
        cluster = try ReconciledCluster.shared.get()
    }

    private func addresses(_ report: [String: Any], state: String? = nil) -> [String] {
        let findings = report["stranded"] as? [[String: Any]] ?? []
        return findings.filter { state == nil || $0["state"] as? String == state }
            .compactMap { $0["address"] as? String }.sorted()
    }

    func waitASecond() { Thread.sleep(forTimeInterval: 1.1) }

    /// Dual stack, a named network, and pods that live, went, or were made again.
    @Test(arguments: StoreKind.allCases) func exactlyTheStrandedAreFreedBehindTheGrace(kind: StoreKind) throws {
        try cluster.clear(kind)
        let dual = #""ipRanges": [{"range": "10.20.0.0/24"}, {"range": "fd00:20::/64"}]"#
        let named = #""range": "10.20.0.0/24", "network_name": "blue""#
        // Upstream takes the end of such an address for something else (its reconciler frees it).
        let zeros =
            #""ipRanges": [{"range": "fd00:30::/64", "range_start": "fd00:30::1:0:0:0"}], "network_name": "blue""#
        for pod in ["live", "gone"] {
            let uid = try cluster.makePod(pod)
            #expect(try cluster.add("\(pod)-1", pod: pod, uid: uid, dual).count == 2)
            try cluster.add("\(pod)-1", pod: pod, uid: uid, interface: "net1", named)
            try cluster.add("\(pod)-1", pod: pod, uid: uid, interface: "net2", zeros)
        }
        let before = try cluster.taken()
        #expect(before.count == 8)
        // The node is gone, and with it who would have called DEL.
        try cluster.removePod("gone")
        #expect(addresses(try cluster.report("--grace", "1h"), state: "candidate").count == 4)
        #expect(addresses(try cluster.report("--grace", "1h"), state: "candidate").count == 4)
        #expect(try cluster.taken() == before)
        waitASecond()
        let report = try cluster.report("--grace", "1s")
        #expect(addresses(report, state: "released").count == 4, "\(report)")
        #expect(addresses(report).contains("10.20.0.2"))
        #expect(try cluster.taken().count == 4)
        if kind == .kubernetes { #expect(try cluster.reservations().count == 4) }
        // What lives is left as it was, and what was freed is given out again.
        #expect(try cluster.reconcile("--grace", "0").status == 0)
        #expect(try cluster.taken().count == 4)
        _ = try cluster.makePod("next")
        #expect(try cluster.add("next-1", pod: "next", dual).first == "10.20.0.2")
        #expect(try cluster.call("DEL", "live-1", pod: "live", dual).status == 0)
        #expect(try cluster.taken().count == 4)
    }

    @Test(arguments: StoreKind.allCases) func podsThatPendOrEndAreNotGone(kind: StoreKind) throws {
        try cluster.clear(kind)
        // One that pends, one that is being deleted, and one that has ended.
        for (pod, node) in [("pending", nil), ("terminating", "node-a"), ("done", "node-a"), ("failed", "node-a")] {
            let uid = try cluster.makePod(pod, node: node)
            try cluster.add("c-\(pod)", pod: pod, uid: uid)
        }
        try cluster.server.kubectl("delete", "pod", "terminating", "--namespace", cluster.namespace, "--wait=false")
        try cluster.setPhase("Succeeded", of: "done")
        try cluster.setPhase("Failed", of: "failed")
        let report = try cluster.report("--grace", "0")
        #expect(addresses(report, state: "released") == ["10.20.0.3", "10.20.0.4"], "\(report)")
        #expect(
            (report["stranded"] as? [[String: Any]])?.allSatisfy { $0["reason"] as? String == "podCompleted" } ?? false
        )
        #expect(try cluster.taken().count == 2)
    }

    @Test func podsOfTheSameNameAreToldApart() throws {
        try cluster.clear(.etcd)
        let uid = try cluster.makePod("web-0")
        try cluster.add("c1", pod: "web-0", uid: uid)
        try cluster.removePod("web-0")
        let next = try cluster.makePod("web-0")
        // A kubelet names a static pod by what its mirror pod has in an annotation.
        _ = try cluster.makePod("static-node-a", annotations: ["kubernetes.io/config.hash": "0123456789abcdef"])
        try cluster.add("c2", pod: "static-node-a", uid: "0123456789abcdef")
        #expect(addresses(try cluster.report("--grace", "0", "--dry-run"), state: "due") == ["10.20.0.1"])
        // The pod's new container has taken its address over meanwhile.
        #expect(try cluster.add("c3", pod: "web-0", uid: next) == ["10.20.0.1"])
        #expect(addresses(try cluster.report("--grace", "0")).isEmpty)
        #expect(try cluster.taken() == ["10.20.0.1", "10.20.0.2"])
    }

    @Test func aRetentionIsWaitedFor() throws {
        try cluster.clear(.etcd)
        let (long, short) = (#""range": "10.20.0.0/24", "retain": 3600"#, #""range": "10.20.0.0/24", "retain": 1"#)
        try cluster.add("c1", pod: "web-0", long)
        try cluster.add("c2", pod: "web-1", short)
        #expect(try cluster.call("DEL", "c1", pod: "web-0", long).status == 0)
        #expect(try cluster.call("DEL", "c2", pod: "web-1", short).status == 0)
        Thread.sleep(forTimeInterval: 2.1)
        let report = try cluster.report("--grace", "0")
        #expect(addresses(report, state: "released") == ["10.20.0.2"], "\(report)")
        #expect(report["waiting"] as? Int == 1)
        #expect(try cluster.taken() == ["10.20.0.1"])
    }

    @Test(arguments: StoreKind.allCases) func anAnswerWithoutPodsIsRefused(kind: StoreKind) throws {
        try cluster.clear(kind)
        try cluster.add("c1", pod: "web-0")
        try cluster.removePod("bystander")
        let refused = try cluster.reconcile("--grace", "0")
        #expect(refused.status == 3, "\(refused)")
        #expect(refused.errors.contains("0 pods were found") && refused.errors.contains("--max-share 1"), "\(refused)")
        #expect(try cluster.taken().count == 1)
        let permitted = try cluster.reconcile("--grace", "0", "--max-share", "1")
        #expect(permitted.status == 0, "\(permitted)")
        #expect(try cluster.taken().isEmpty)
    }

    @Test(arguments: StoreKind.allCases) func tooGreatAShareIsRefused(kind: StoreKind) throws {
        try cluster.clear(kind)
        for number in 0..<10 { try cluster.add("c\(number)", pod: "gone-\(number)") }
        try cluster.add("live", pod: "bystander")
        let refused = try cluster.reconcile("--grace", "0")
        #expect(refused.status == 3, "\(refused)")
        #expect(refused.errors.contains("10 of 11 allocations look stranded"), "\(refused)")
        #expect(try cluster.taken().count == 11)
        #expect(try cluster.reconcile("--grace", "0", "--max-share", "0.95").status == 0)
        #expect(try cluster.taken().count == 1)
    }

    /// A reconciler that waits for the pods keeps others out for as long as it lives, and a little longer.
    @Test(arguments: StoreKind.allCases) func oneReconcilerAtATime(kind: StoreKind) throws {
        try cluster.clear(kind)
        try cluster.add("c1", pod: "gone")
        // Some twenty seconds for each list, and longer with each that is given up.
        let wait = Array(repeating: "http-request lua.wait if { path_beg /api/v1/pods }", count: 14)
        let front = try HTTPFront(to: cluster.server.port, rules: wait)
        let first = try RunningProcess(
            ReconciledCluster.program,
            cluster.arguments(["--grace", "0"], kubeconfig: cluster.reconcilerConfig(by: front))
        )
        let deadline = ContinuousClock.now + .seconds(60)
        while try !cluster.isTaken() {
            try #require(ContinuousClock.now < deadline)
            Thread.sleep(forTimeInterval: 0.05)
        }
        var second = try cluster.reconcile("--grace", "0")
        #expect(second.status == 4, "\(second)")
        #expect(second.errors.contains("another reconciler is at work: "), "\(second)")
        #expect(second.errors.contains("/\(first.processIdentifier)"), "\(second)")
        #expect(try cluster.taken().count == 1)
        first.signal(SIGKILL)
        #expect(try first.wait().wasSignaled)
        while second.status == 4 {
            try #require(ContinuousClock.now < deadline, "\(second)")
            Thread.sleep(forTimeInterval: 0.5)
            second = try cluster.reconcile("--grace", "0")
        }
        #expect(second.status == 0, "\(second)")
        #expect(try cluster.taken().isEmpty)
    }

    @Test func aDryRunChangesNothing() throws {
        try cluster.clear(.kubernetes)
        try cluster.add("c1", pod: "gone")
        func objects() throws -> [String] {
            try ["ippools", "overlappingrangeipreservations", "configmaps", "leases"].flatMap { kind in
                try cluster.items(kind).map {
                    String(describing: ($0["metadata"] as? [String: Any])?["resourceVersion"])
                }
            }
        }
        let before = try objects()
        #expect(addresses(try cluster.report("--grace", "0", "--dry-run"), state: "due") == ["10.20.0.1"])
        #expect(try objects() == before)
    }

    @Test(arguments: StoreKind.allCases) func aReportIsReleased(kind: StoreKind) throws {
        try cluster.clear(kind)
        for name in ["c1", "c2"] { try cluster.add(name, pod: "gone-\(name)") }
        let report = cluster.path("reviewed.json")
        #expect(try cluster.reconcile("--grace", "1h", "--report", report).status == 0)
        try cluster.add("c3", pod: "gone-c3")
        _ = try cluster.makePod("gone-c2")
        // What is of another node or network stays, also where nothing says which.
        for scope in [["--node", "node-x"], ["--network", "other"]] {
            let elsewhere = try cluster.reconcile("--release-from", report, scope[0], scope[1])
            #expect(elsewhere.status == (kind == .etcd ? 0 : 2), "\(elsewhere)")
            #expect(try cluster.taken().count == 3)
        }
        let outcome = try cluster.reconcile("--release-from", report)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try cluster.taken().count == 2)
        #expect(try cluster.reconcile("--grace", "1h").status == 0)
        let bad = try cluster.reconcile("--release-from", cluster.flatFile)
        #expect(bad.status == 2 && bad.errors.contains("is no report of this ip-reconciler"), "\(bad)")
    }

    /// Networks by their names and network_names, and nodes; what is of none is told.
    @Test(arguments: StoreKind.allCases) func scopesAreKnownByAllTheirNames(kind: StoreKind) throws {
        try cluster.clear(kind)
        try cluster.add("c1", pod: "gone-1", #""range": "10.20.0.0/24", "network_name": "blue""#)
        try cluster.add("c2", pod: "gone-2", #""range": "10.21.0.0/24""#)
        func found(_ scope: String...) throws -> [String] {
            let file = cluster.path("scope.json")
            let outcome = try RunningProcess(
                ReconciledCluster.program,
                cluster.arguments(["--grace", "0", "--dry-run", "--report", file] + scope)
            ).wait()
            #expect(outcome.status == 0, "\(outcome)")
            let report = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
            let found = addresses(try #require(report as? [String: Any]))
            #expect(outcome.errors.contains("no allocation is") == found.isEmpty, "\(outcome)")
            return found
        }
        // The network's own name is "lab".
        #expect(try found("--network", "lab") == ["10.20.0.1", "10.21.0.1"])
        #expect(try found("--network", "blue") == ["10.20.0.1"])
        #expect(try found("--network", "bleu").isEmpty)
        #expect(try found("--node", "node-a", "--network", "blue") == ["10.20.0.1"])
        #expect(try found("--node", "node-c", "--network", "lab").isEmpty)
        let unknown = try cluster.reconcile("--node", "node-c")
        #expect(unknown.status == 0, "\(unknown)")
        #expect(unknown.errors.contains(#"no allocation is on node "node-c", and the API server knows no such node"#))
        #expect(unknown.errors.contains(" warning "), "\(unknown)")
        #expect(try cluster.taken().count == 2)
    }

    /// Pods come and go at their nodes while the reconciler runs all the time: nobody who lives loses an address.
    @Test(arguments: StoreKind.allCases) func addsAndDeletionsBesideIt(kind: StoreKind) throws {
        try cluster.clear(kind)
        for number in 0..<4 {
            try cluster.add("gone-\(number)", pod: "gone-\(number)")
            _ = try cluster.makePod("pod-\(number)")
        }
        let scratch = try ScratchDirectory("beside")
        let reconciler = try ServerProcess(
            ReconciledCluster.program,
            cluster.arguments(["--grace", "0", "--interval", "1s", "--log-level", "debug"]),
            log: scratch.path("log")
        )
        defer { reconciler.kill() }
        let workers = (0..<4).map { worker in
            BackgroundCall { [cluster] in
                var held: [[String]] = []
                for round in 0..<8 {
                    let container = "w\(worker)-\(round)"
                    let addresses = try cluster.add(container, pod: "pod-\(worker)")
                    // The address passes from container to container, and is that of the one before.
                    held.append(addresses)
                    if round % 3 == 2 {
                        #expect(try cluster.call("DEL", container, pod: "pod-\(worker)").status == 0)
                        held = []
                    }
                }
                return held
            }
        }
        let held = try workers.map { try $0.value() }
        for addresses in held { #expect(Set(addresses).count == 1) }
        let deadline = ContinuousClock.now + .seconds(60)
        while try cluster.taken().count != 4 {
            let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
            try #require(ContinuousClock.now < deadline, "\(log.suffix(3000))")
            Thread.sleep(forTimeInterval: 0.2)
        }
        for worker in 0..<4 {
            // Nothing is missing: the ADD of the container that is there finds all of it.
            #expect(try cluster.add("w\(worker)-7", pod: "pod-\(worker)") == held[worker].last)
        }
    }
}
