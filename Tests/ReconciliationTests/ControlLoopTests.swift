import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// The built control loop beside the built plugin, on a real API server and either datastore.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ControlLoopTests {
    let cluster: ReconciledCluster

    init() throws {
        cluster = try ReconciledCluster.ofControlLoops.get()
    }

    @Test(arguments: StoreKind.allCases) func whatADeletedPodLeftIsFreedAtOnce(kind: StoreKind) throws {
        try cluster.clear(kind)
        let dual = #""ipRanges": [{"range": "10.20.0.0/24"}, {"range": "fd00:20::/64"}]"#
        let named = #""range": "10.20.0.0/24", "network_name": "blue""#
        for (pod, node) in [("live", "node-a"), ("gone", "node-a"), ("elsewhere", "node-b")] {
            let uid = try cluster.makePod(pod, node: node)
            try cluster.add("\(pod)-1", pod: pod, uid: uid, node: node, dual)
            try cluster.add("\(pod)-1", pod: pod, uid: uid, interface: "net1", node: node, named)
        }
        let loop = try RunningControlLoop(cluster, "--resync", "1h")
        try loop.waitUntilReady()
        #expect(try cluster.taken().count == 9)
        #expect(try loop.metric("whereabouts_node_allocations") == 6)
        // Those of other nodes are other loops' business.
        try cluster.removePod("elsewhere", "gone")
        try loop.wait("the end of three allocations") { try cluster.taken().count == 6 }
        Thread.sleep(forTimeInterval: 1)
        #expect(try cluster.taken().count == 6)
        #expect(try loop.metric(#"whereabouts_reconcile_released_total{reason="podGone"}"#) == 3)
        if kind == .kubernetes { #expect(try cluster.reservations().count == 6) }
        try loop.wait("the events") { try cluster.events("IPAddressGarbageCollected").count == 3 }
        #expect(
            try cluster.events("IPAddressGarbageCollected").allSatisfy {
                $0.contains("gone") && $0.contains("the pod is gone")
            }
        )
        // What was freed is given out again, and what lives is left as it was.
        _ = try cluster.makePod("next", node: "node-a")
        #expect(try cluster.add("next-1", pod: "next", dual).first == "10.20.0.2")
        #expect(try cluster.call("DEL", "live-1", pod: "live", dual).status == 0)
        #expect(try loop.get("/healthz").hasPrefix("200"))
        try loop.terminate()
    }

    /// It is level-triggered: what happened while it was away is found at its start, and while its way to the API server was cut, behind that.
    @Test(arguments: StoreKind.allCases) func nothingThatHappenedMeanwhileIsMissed(kind: StoreKind) throws {
        try cluster.clear(kind)
        for pod in ["live", "gone", "done", "later"] {
            try cluster.add("\(pod)-1", pod: pod, uid: try cluster.makePod(pod, node: "node-a"))
        }
        try cluster.removePod("gone")
        try cluster.setPhase("Succeeded", of: "done")
        let loop = try RunningControlLoop(cluster, "--resync", "1h")
        try loop.wait("the end of two allocations") { try cluster.taken().count == 2 }
        try cluster.setPhase("Failed", of: "later")
        try loop.wait("the end of another one") { try cluster.taken().count == 1 }
        Thread.sleep(forTimeInterval: 1)
        #expect(try cluster.taken().count == 1)
    }

    /// Slices are pool objects with the node's name in theirs.
    @Test(arguments: StoreKind.allCases) func whatWasGivenOutOfASliceIsFreed(kind: StoreKind) throws {
        try cluster.clear(kind)
        if kind == .kubernetes {
            try cluster.server.kubectl(
                "create",
                "--validate=false",
                "--namespace",
                cluster.namespace,
                "--filename",
                "-",
                input: """
                    {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "NodeSlicePool", "metadata": {"name": "lab"},
                     "spec": {"range": "10.22.0.0/24", "sliceSize": "/28"},
                     "status": {"allocations": [{"nodeName": "node-a", "sliceRange": "10.22.0.16/28"}]}}
                    """
            )
        }
        let sliced = #""range": "10.22.0.0/24", "node_slice_size": "/28""#
        for pod in ["live", "gone"] {
            try cluster.add("\(pod)-1", pod: pod, uid: try cluster.makePod(pod, node: "node-a"), sliced)
        }
        let before = try cluster.taken()
        let loop = try RunningControlLoop(cluster, "--resync", "1h")
        try loop.waitUntilReady()
        try cluster.removePod("gone")
        try loop.wait("the end of one allocation") { try cluster.taken().count == 1 }
        #expect(try before.contains(#require(cluster.taken().first)))
    }

    @Test func aCutWayToTheAPIServerLosesNothing() throws {
        try cluster.clear(.etcd)
        for pod in ["live", "gone"] {
            try cluster.add("\(pod)-1", pod: pod, uid: try cluster.makePod(pod, node: "node-a"))
        }
        let proxy = try TCPProxy(to: UInt16(cluster.server.port), .forward)
        let loop = try RunningControlLoop(
            cluster,
            kubeconfig: try cluster.pluginConfig(by: proxy.endpoint),
            "--resync",
            "1h"
        )
        try loop.waitUntilReady()
        proxy.cut(then: .close)
        try cluster.removePod("gone")
        try loop.wait("trouble") { try loop.get("/readyz").hasPrefix("503") }
        #expect(try loop.get("/healthz").hasPrefix("200"))
        #expect(try cluster.taken().count == 2)
        proxy.cut(then: .forward)
        try loop.wait("the end of the allocation", seconds: 120) { try cluster.taken().count == 1 }
        try loop.waitUntilReady()
    }

    /// A kubelet waits half a minute, and a server that hangs for longer.
    @Test func itEndsThoughTheDatastoreHangs() throws {
        try cluster.clear(.etcd)
        let etcd = try #require(cluster.etcd)
        let loop = try RunningControlLoop(cluster, "--resync", "1s")
        try loop.waitUntilReady()
        try etcd.freezeAndWait()
        defer { etcd.thaw() }
        Thread.sleep(forTimeInterval: 2)
        try loop.terminate()
    }

    /// The reconciler and another loop of the same node work beside it, and so do ADDs and DELs.
    @Test(arguments: StoreKind.allCases) func othersWorkBesideIt(kind: StoreKind) throws {
        try cluster.clear(kind)
        let loops = try (0..<2).map { _ in try RunningControlLoop(cluster, "--resync", "1s") }
        for loop in loops { try loop.waitUntilReady() }
        var expected: Set<String> = []
        for round in 0..<6 {
            for pod in ["live\(round)", "gone\(round)", "left\(round)"] {
                let uid = try cluster.makePod(pod, node: "node-a")
                let addresses = try cluster.add("\(pod)-1", pod: pod, uid: uid)
                if pod.hasPrefix("live") { expected.formUnion(addresses) }
            }
            #expect(try cluster.call("DEL", "left\(round)-1", pod: "left\(round)").status == 0)
            try cluster.removePod("gone\(round)", "left\(round)")
            #expect(try cluster.reconcile("--grace", "0").status == 0)
        }
        for loop in loops { try loop.wait("the live ones alone") { try cluster.taken().count == expected.count } }
        Thread.sleep(forTimeInterval: 1)
        #expect(try cluster.taken().count == 6)
        #expect(expected.count == 6)
    }

    /// A pod that is deleted by force is gone from the API while its containers still run.
    @Test(arguments: StoreKind.allCases) func aContainerThatTheRuntimeHasKeepsItsAddress(kind: StoreKind) throws {
        try cluster.clear(kind)
        let loop = try RunningControlLoop(cluster, asksRuntime: true, "--resync", "1h")
        for pod in ["held", "gone"] {
            try cluster.add("\(pod)1", pod: pod, uid: try cluster.makePod(pod, node: "node-a"))
        }
        try loop.note("held1")
        try loop.waitUntilReady()
        try cluster.removePod("held", "gone")
        try loop.wait("the end of the other one") { try cluster.taken().count == 1 }
        try loop.wait("a candidate") { try loop.metric("whereabouts_reconcile_candidates") == 1 }
        Thread.sleep(forTimeInterval: 2)
        #expect(try cluster.taken() == (kind == .etcd ? ["10.20.0.1"] : ["10.20.0.0-24 1"]))
        try loop.note("held1", isKnown: false)
        try loop.wait("its end too") { try cluster.taken().isEmpty }
        try loop.wait("no candidate") { try loop.metric("whereabouts_reconcile_candidates") == 0 }
    }

    /// A directory that is another runtime's has none of the containers, whatever runs.
    @Test func aCacheThatNamesNothingOfTheNodeProvesNothing() throws {
        try cluster.clear(.etcd)
        let loop = try RunningControlLoop(cluster, asksRuntime: true, "--resync", "1s")
        try loop.note("0123")
        for pod in ["live", "gone"] {
            try cluster.add("\(pod)1", pod: pod, uid: try cluster.makePod(pod, node: "node-a"))
        }
        try cluster.removePod("gone")
        try loop.wait("the warning") { loop.log.contains("has named no container of this node yet") }
        try loop.wait("two more looks") {
            try (loop.metric(#"whereabouts_reconcile_runs_total{outcome="ok"}"#) ?? 0) > 4
        }
        #expect(try cluster.taken().count == 2)
        // One that lives shows that it is this node's.
        try loop.note("live1")
        try loop.wait("the end of the other one") { try cluster.taken().count == 1 }
    }

    /// More pods than are asked for at once, and a runtime that has some of them for good.
    @Test func aNodeThatLosesAllItsPodsIsCleared() throws {
        try cluster.clear(.etcd)
        let loop = try RunningControlLoop(cluster, asksRuntime: true, "--resync", "1h")
        let names = (0..<60).map { "p\($0)" }
        for name in names { try cluster.add("c\(name)", pod: name) }
        for name in names.suffix(5) { try loop.note("c\(name)") }
        try loop.wait("the end of all but five") { try cluster.taken().count == 5 }
        try loop.wait("five candidates") { try loop.metric("whereabouts_reconcile_candidates") == 5 }
    }

    /// An ADD that is not over has a container of which the runtime has noted nothing yet.
    @Test func aYoungAllocationIsLeftAlone() throws {
        try cluster.clear(.etcd)
        try cluster.add("young-1", pod: "young", uid: try cluster.makePod("young", node: "node-a"))
        try cluster.removePod("young")
        let loop = try RunningControlLoop(cluster, "--resync", "1s", "--settle", "1h")
        try loop.wait("a candidate") { try loop.metric("whereabouts_reconcile_candidates") == 1 }
        Thread.sleep(forTimeInterval: 2)
        #expect(try cluster.taken().count == 1)
        try loop.wait("its age") { try (loop.metric("whereabouts_reconcile_oldest_candidate_seconds") ?? 0) >= 1 }
    }

    /// What can't be freed is told once on the pod, counted each time, and freed as soon as it can be.
    @Test func aReleaseThatIsRefusedIsToldAndTriedAgain() throws {
        try cluster.clear(.kubernetes)
        let rights = try Manifest.text("rbac/control-loop.yaml").replacing("kube-system", with: cluster.namespace)
        try cluster.add("gone-1", pod: "gone", uid: try cluster.makePod("gone", node: "node-a"))
        let loop = try RunningControlLoop(cluster, "--resync", "1s")
        try loop.waitUntilReady()
        // The plugin's Role would permit it too.
        try cluster.server.kubectl("delete", "role", "whereabouts", "--namespace", cluster.namespace)
        let less = rights.replacing("verbs: [get, list, patch]", with: "verbs: [get, list]")
        try #require(less != rights)
        try cluster.server.kubectl("apply", "--validate=false", "--filename", "-", input: less)
        try cluster.removePod("gone")
        try loop.wait("two failures") { try (loop.metric("whereabouts_reconcile_failures_total") ?? 0) >= 2 }
        let events = try cluster.events("IPAddressGarbageCollectionFailed")
        #expect(events.count == 1, "\(events)")
        #expect(events.allSatisfy { $0.contains("gone: 10.20.0.1") && $0.contains("patch") }, "\(events)")
        #expect(try cluster.taken().count == 1)
        try cluster.server.kubectl("apply", "--validate=false", "--filename", "-", input: rights)
        try loop.wait("the end of the allocation") { try cluster.taken().isEmpty }
        try loop.wait("the event") { try cluster.events("IPAddressGarbageCollected").count == 1 }
    }

    /// The flat file is read for each look.
    @Test func aRetentionIsKeptUntilTheFlatFileSaysOtherwise() throws {
        try cluster.clear(.etcd)
        try cluster.writeFlatFile(#", "retain": 3600"#)
        let loop = try RunningControlLoop(cluster, "--resync", "1s")
        try cluster.add("c1", pod: "web-0", uid: try cluster.makePod("web-0", node: "node-a"))
        try cluster.removePod("web-0")
        try loop.wait("a candidate") { try loop.metric("whereabouts_reconcile_candidates") == 1 }
        try loop.wait("two more looks") {
            try (loop.metric(#"whereabouts_reconcile_runs_total{outcome="ok"}"#) ?? 0) > 4
        }
        #expect(try cluster.taken().count == 1)
        try cluster.writeFlatFile()
        try loop.wait("the end of the allocation") { try cluster.taken().isEmpty }
    }

    /// A pod of the same name that came before the old one's end was told has its own record.
    @Test func aPodOfTheSameNameKeepsWhatItHas() throws {
        try cluster.clear(.etcd)
        try cluster.add("c1", pod: "web-0", uid: try cluster.makePod("web-0", node: "node-a"))
        let loop = try RunningControlLoop(cluster, "--resync", "1h")
        try loop.waitUntilReady()
        try cluster.removePod("web-0")
        let next = try cluster.makePod("web-0", node: "node-a")
        try cluster.add("c2", pod: "web-0", uid: next)
        try loop.wait("one allocation") { try cluster.taken().count == 1 }
        Thread.sleep(forTimeInterval: 2)
        #expect(try cluster.taken().count == 1)
        // It is the next one's: its DEL frees it.
        #expect(try cluster.call("DEL", "c2", pod: "web-0").status == 0)
        #expect(try cluster.taken().isEmpty)
    }

    @Test func whatTheNodesJournalHoldsIsCarriedOut() throws {
        try cluster.clear(.etcd)
        let etcd = try #require(cluster.etcd)
        let scratch = try ScratchDirectory("journal")
        let journal = scratch.path("releases")
        try cluster.writeFlatFile(#", "release_journal": "\#(journal)""#)
        try cluster.add("c1", pod: "web-0", uid: try cluster.makePod("web-0", node: "node-a"))
        try etcd.freezeAndWait()
        let outcome = try cluster.call("DEL", "c1", pod: "web-0", journal: journal)
        #expect(outcome.status == 0, "\(outcome)")
        let loop = try RunningControlLoop(cluster, "--resync", "1h")
        try loop.wait("trouble") {
            try (loop.metric(#"whereabouts_reconcile_runs_total{outcome="failed"}"#) ?? 0) >= 1
        }
        #expect(try loop.get("/readyz").hasPrefix("503"))
        #expect(try loop.get("/healthz").hasPrefix("200"))
        etcd.thaw()
        // The pod lives, so that it is the journal by which the address is freed.
        try loop.wait("the end of the allocation", seconds: 120) { try cluster.taken().isEmpty }
        try loop.wait("its count") { try loop.metric("whereabouts_journal_released_total") == 1 }
        #expect(try loop.metric("whereabouts_journal_entries") == 0)
        try loop.waitUntilReady()
    }

    @Test func theTokenOfThePluginsKubeconfigIsKeptCurrent() throws {
        try cluster.clear(.etcd)
        let scratch = try ScratchDirectory("kubeconfig")
        let kubeconfig = scratch.path("whereabouts.kubeconfig")
        let old = try String(contentsOfFile: cluster.pluginConfig, encoding: .utf8)
        let token = try #require(old.firstMatch(of: /"token": "([^"]+)"/)).1
        let text = "# of the installer\n" + old.replacing(token, with: "an-old-token")
        try Data(text.utf8).write(to: URL(fileURLWithPath: kubeconfig))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: kubeconfig)
        for (name, contents) in [
            ("token", token + "\n"), ("ca.crt", try String(contentsOfFile: TLSFixture.ca, encoding: .utf8)[...]),
        ] {
            try Data(contents.utf8).write(to: URL(fileURLWithPath: scratch.path(name)))
        }
        let loop = try RunningControlLoop(
            cluster,
            "--plugin-kubeconfig",
            kubeconfig,
            "--service-account",
            scratch.path("")
        )
        func contents() throws -> String { try String(contentsOfFile: kubeconfig, encoding: .utf8) }
        try loop.wait("the token") { try contents().contains(token) }
        #expect(try contents() == "# of the installer\n" + old)
        let attributes = try FileManager.default.attributesOfItem(atPath: kubeconfig)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        try loop.wait("its count") { try loop.metric("whereabouts_kubeconfig_replacements_total") == 1 }
        #expect(!loop.log.contains(token))
        // What holds no token is told, and changes nothing.
        try Data("\n".utf8).write(to: URL(fileURLWithPath: scratch.path("token")))
        try loop.wait("the complaint", seconds: 90) { loop.log.contains("token holds no token") }
        #expect(try contents() == "# of the installer\n" + old)
        #expect(try loop.get("/readyz").contains("token holds no token"))
    }

    @Test(arguments: StoreKind.allCases) func theMetricsTellOfPoolsAndCalls(kind: StoreKind) throws {
        try cluster.clear(kind)
        try cluster.server.kubectl("delete", "network-attachment-definitions", "--all", "--all-namespaces")
        let store =
            cluster.etcd.map { #""etcd_host": "\#($0.endpoint)""# }
            ?? #""datastore": "kubernetes", "kubernetes": {"kubeconfig": "\#(cluster.pluginConfig)"}"#
        for (name, ipam) in [
            ("lab", #""range": "10.20.0.0/24", "exclude": ["10.20.0.128/25"]"#),
            ("blue", #""range": "10.21.0.0/28", "network_name": "blue""#),
            ("broken", #""range": "nonsense""#),
        ] {
            let config = """
                {"cniVersion": "1.0.0", "name": "\(name)", "type": "bridge", "ipam": {"type": "whereabouts", \(store), \(ipam)}}
                """
            let object: [String: Any] = [
                "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
                "metadata": ["name": name], "spec": ["config": config],
            ]
            let data = try JSONSerialization.data(withJSONObject: object)
            try cluster.server.kubectl(
                "create",
                "--validate=false",
                "--namespace",
                cluster.namespace,
                "--filename",
                "-",
                input: String(decoding: data, as: UTF8.self)
            )
        }
        let loop = try RunningControlLoop(cluster, "--resync", "1s", "--pool-metrics", "1s")
        try loop.waitUntilReady()
        let calls = #"whereabouts_calls_total{command="ADD",outcome="ok",code=""}"#
        let before = try loop.metric(calls) ?? 0
        for pod in ["a", "b", "c"] {
            try cluster.add("\(pod)-1", pod: pod, uid: try cluster.makePod(pod, node: "node-a"))
        }
        let pool = #"{network="lab",network_name="",range="10.20.0.0/24",first="10.20.0.1",last="10.20.0.254"}"#
        try loop.wait("three used ones") { try loop.metric("whereabouts_pool_used_addresses" + pool) == 3 }
        #expect(try loop.metric("whereabouts_pool_capacity_addresses" + pool) == 127)
        #expect(try loop.metric("whereabouts_pool_free_addresses" + pool) == 124)
        #expect(try loop.metric("whereabouts_pool_pending_addresses" + pool) == 0)
        let other = #"{network="blue",network_name="blue",range="10.21.0.0/28",first="10.21.0.1",last="10.21.0.14"}"#
        #expect(try loop.metric("whereabouts_pool_free_addresses" + other) == 14)
        #expect(try loop.metric("whereabouts_pool_faults") == 1)
        try loop.wait("the allocations") { try loop.metric("whereabouts_node_allocations") == 3 }
        // Other tests' calls count too.
        #expect(try loop.metric(calls) ?? 0 >= before + 3)
        _ = try cluster.call("ADD", "d-1", pod: "d", #""range": "nonsense""#)
        let refused = #"whereabouts_calls_total{command="ADD",outcome="invalid_configuration",code="7"}"#
        #expect(try loop.metric(refused) ?? 0 >= 1)
        #expect(try (loop.metric(#"whereabouts_datastore_latency_seconds_count{operation="list"}"#) ?? 0) >= 1)
        let syntax = try RunningProcess(
            "/usr/bin/env",
            ["python3", "-c", Self.prometheusReader],
            input: Data(loop.get("/metrics").dropFirst(4).utf8)
        ).wait()
        #expect(syntax.status == 0, "\(syntax)")
        #expect(try loop.get("/nothing").hasPrefix("404"))
    }

    /// Reads metrics by the grammar of the text format, and fails where they break it.
    private static let prometheusReader = #"""
        import re, sys
        kinds, seen = {}, set()
        for line in sys.stdin.read().rstrip("\n").split("\n"):
            comment = re.fullmatch(r'# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)', line)
            if comment:
                if comment[1] == "TYPE":
                    assert comment[2] not in kinds, line
                    kinds[comment[2]] = comment[3]
                continue
            sample = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)', line)
            assert sample, line
            float(sample[3])
            assert line.rsplit(" ", 1)[0] not in seen, line
            seen.add(line.rsplit(" ", 1)[0])
            assert any(sample[1] == name or kind == "histogram" and re.sub("_(bucket|sum|count)$", "", sample[1]) == name for name, kind in kinds.items()), line
        assert len(seen) > 10
        """#

    @Test(arguments: [
        (["--resync", "soon"], "--resync soon is no time"), (["--resync", "0"], "must be 1s or more"),
        (["--listen", "localhost"], "--listen localhost must be an address and a port"),
        (["--listen", "127.0.0.1:65536"], "and a port of at most 65535"),
        (["--listen", "::1:9742"], "--listen ::1:9742 must be"), (["--log-level", "loud"], "--log-level loud must be"),
        (["--settle", "-1s"], "--settle"), ([], "--node is missing"),
    ]) func optionsThatCanNotBeUsedAreNamed(options: [String], message: String) throws {
        let outcome = try RunningProcess(
            RunningControlLoop.program,
            options + (options.isEmpty ? [] : ["--node", "node-a"]),
            environment: [:]
        ).wait()
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.errors.contains(message), "\(outcome)")
    }

    @Test func anAddressThatIsTakenIsNamed() throws {
        let port = try LoopbackSocket.bound()
        try port.listen()
        let outcome = try RunningProcess(
            RunningControlLoop.program,
            ["--node", "node-a", "--listen", "127.0.0.1:\(port.port)"]
        ).wait()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains("--listen 127.0.0.1:\(port.port) can't be listened on"), "\(outcome)")
    }
}
