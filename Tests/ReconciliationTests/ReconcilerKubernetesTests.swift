import EtcdClient
import EtcdLab
import Foundation
import KubernetesClient
import KubernetesLab
import Logging
import Reconciliation
import TestSupport
import Testing

@testable import Whereabouts

/// What upstream's writers, and calls that were killed, leave in the Kubernetes datastore.
extension ReconcilerProcessTests {
    private func create(_ manifest: String) throws {
        try cluster.server.kubectl(
            "create",
            "--namespace",
            cluster.namespace,
            "--validate=false",
            "--filename",
            "-",
            input: manifest
        )
    }

    private func createPool(_ name: String, range: String, _ entries: [String: (id: String, pod: String)]) throws {
        let allocations = entries.map { offset, entry in
            #""\#(offset)": {"id": "\#(entry.id)", "podref": "\#(cluster.namespace)/\#(entry.pod)", "ifname": "eth0"}"#
        }
        try create(
            """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPool", "metadata": {"name": "\(name)"},
             "spec": {"range": "\(range)", "allocations": {\(allocations.joined(separator: ", "))}}}
            """
        )
    }

    private func createReservation(_ name: String, pod: String, pool: String? = nil) throws {
        let annotations = pool.map { #", "annotations": {"whereabouts.cni.cncf.io/pool": "\#($0)"}"# } ?? ""
        try create(
            """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "OverlappingRangeIPReservation",
             "metadata": {"name": "\(name)"\(annotations)},
             "spec": {"podref": "\(cluster.namespace)/\(pod)", "ifname": "eth0"}}
            """
        )
    }

    private func reasons(_ report: [String: Any]) -> [String: String] {
        var reasons: [String: String] = [:]
        for finding in report["stranded"] as? [[String: Any]] ?? [] {
            let place = "\(finding["domain"] as? String ?? "") \(finding["address"] as? String ?? "")"
            reasons[place] = finding["reason"] as? String
        }
        return reasons
    }

    /// Named networks, addresses that end in zeros, slices of nodes: by the names alone upstream's reconciler frees what lives (D4).
    @Test func upstreamsObjectsAreUnderstood() throws {
        try cluster.clear(.kubernetes)
        _ = try cluster.makePod("live")
        try createPool("blue-fd00-1---64", range: "fd00:1::/64", ["0": ("a", "live"), "1": ("b", "gone")])
        try createReservation("blue-fd00-1--0", pod: "live")
        try createReservation("blue-fd00-1--1", pod: "gone")
        try createPool("blue-node-a-10.9.0.0-28", range: "10.9.0.0/28", ["1": ("c", "live"), "2": ("d", "gone")])
        try createReservation("blue-10.9.0.1", pod: "live")
        try createReservation("blue-10.9.0.2", pod: "gone")
        // Another network's of the same address stays.
        try createReservation("10.9.0.2", pod: "live")
        // Those whose entry was lost (D26), of a pod that lives and of one that does not.
        try createReservation("red-10.8.0.1", pod: "live")
        try createReservation("red-10.8.0.2", pod: "gone")
        let report = try cluster.report("--grace", "0")
        #expect(
            reasons(report) == [
                "blue-fd00-1---64 fd00:1::1": "podGone", "blue-node-a-10.9.0.0-28 10.9.0.2": "podGone",
                "reservation/red-10.8.0.2 10.8.0.2": "podGone",
            ],
            "\(report)"
        )
        #expect(try cluster.taken() == ["blue-fd00-1---64 0", "blue-node-a-10.9.0.0-28 1"])
        #expect(try cluster.reservations() == ["10.9.0.2", "blue-10.9.0.1", "blue-fd00-1--0", "red-10.8.0.1"])
    }

    /// What Multus has noted counts where nothing else tells a pod from the one before it, and what it has not noted never does.
    @Test func multusNotesTellWhatAPodHas() throws {
        try cluster.clear(.kubernetes)
        func note(_ networks: String) -> [String: String] { ["k8s.v1.cni.cncf.io/network-status": networks] }
        _ = try cluster.makePod(
            "moved",
            annotations: note(#"[{"name": "lab", "interface": "eth0", "ips": ["10.9.0.9"], "default": true}]"#)
        )
        _ = try cluster.makePod(
            "primary",
            annotations: note(#"[{"name": "lab", "interface": "eth0", "ips": ["10.9.0.2"], "default": true}]"#)
        )
        _ = try cluster.makePod("late")
        _ = try cluster.makePod(
            "other",
            annotations: note(#"[{"name": "lab", "interface": "net1", "ips": ["10.9.0.9"]}]"#)
        )
        try createPool(
            "10.9.0.0-24",
            range: "10.9.0.0/24",
            ["1": ("a", "moved"), "2": ("b", "primary"), "3": ("c", "late"), "4": ("d", "other")]
        )
        // Not at the first look, whatever the grace: it may be about to be noted.
        #expect(reasons(try cluster.report("--grace", "0")) == ["10.9.0.0-24 10.9.0.1": "interfaceHasOtherAddress"])
        #expect(try cluster.taken().count == 4)
        #expect(reasons(try cluster.report("--grace", "0")) == ["10.9.0.0-24 10.9.0.1": "interfaceHasOtherAddress"])
        #expect(try cluster.taken() == ["10.9.0.0-24 2", "10.9.0.0-24 3", "10.9.0.0-24 4"])
    }

    /// Notes are kept in ConfigMaps, one for each pool object, which go with the last note.
    @Test func notesAreKeptInConfigMaps() throws {
        try cluster.clear(.kubernetes)
        try createPool("10.9.0.0-24", range: "10.9.0.0/24", ["1": ("a", "gone")])
        try createPool("fd00-1---64", range: "fd00:1::/64", ["1": ("b", "gone"), "65536": ("c", "gone-too")])
        try createReservation("10.8.0.2", pod: "gone")
        _ = try cluster.report("--grace", "1h")
        func notes() throws -> [String: [String: String]] {
            let labelled = try cluster.items("configmaps").filter {
                ($0["metadata"] as? [String: Any])?["labels"] != nil
            }
            return Dictionary(
                uniqueKeysWithValues: labelled.map { item in
                    (
                        (item["metadata"] as? [String: Any])?["name"] as? String ?? "",
                        item["data"] as? [String: String] ?? [:]
                    )
                }
            )
        }
        #expect(
            try notes().mapValues { $0.keys.sorted() } == [
                "whereabouts-stranded-10.9.0.0-24": ["010.009.000.001"],
                "whereabouts-stranded-fd00-1---64": [
                    "fd00-0001-0000-0000-0000-0000-0000-0001", "fd00-0001-0000-0000-0000-0000-0001-0000",
                ],
                "whereabouts-stranded-reservations-without-entries": ["10.8.0.2"],
            ]
        )
        let first = try notes()
        _ = try cluster.makePod("gone-too")
        _ = try cluster.report("--grace", "1h")
        #expect(try notes()["whereabouts-stranded-10.9.0.0-24"] == first["whereabouts-stranded-10.9.0.0-24"])
        #expect(try notes()["whereabouts-stranded-fd00-1---64"]?.count == 1)
        Thread.sleep(forTimeInterval: 1.1)
        #expect(reasons(try cluster.report("--grace", "1s")).count == 3)
        #expect(try notes().isEmpty)
        #expect(try cluster.taken() == ["fd00-1---64 65536"])
        #expect(try cluster.reservations().isEmpty)
    }

    /// What the manifest permits is what a reconciler does, and nothing beside.
    @Test func theManifestPermitsWhatIsDone() throws {
        try cluster.clear(.kubernetes)
        let front = try HTTPFront(to: cluster.server.port)
        let config = try cluster.reconcilerConfig(by: front)
        func reconcile(_ grace: String) throws {
            let arguments = cluster.arguments(["--grace", grace], kubeconfig: config)
            let outcome = try RunningProcess(ReconciledCluster.program, arguments).wait()
            #expect(outcome.status == 0, "\(outcome)")
        }
        for (container, grace) in [("c1", "1h"), ("c2", "1h"), ("c3", "0")] {
            try cluster.add(container, pod: "gone-\(container)")
            try reconcile(grace)
        }
        #expect(try cluster.taken().isEmpty)
        var done: Set<String> = []
        for line in try front.requests(atLeast: 30) {
            let parts = line.split(separator: " ")
            // /api/v1/… or /apis/GROUP/VERSION/…, with a namespace or without, and a name or none.
            var path = parts[1].split(separator: "/").dropFirst(parts[1].hasPrefix("/apis/") ? 3 : 2)
            if path.first == "namespaces" { path = path.dropFirst(2) }
            let resource = try #require(path.first)
            let verbs = [
                "GET": path.count == 1 ? "list" : "get", "POST": "create", "PUT": "update", "PATCH": "patch",
                "DELETE": "delete",
            ]
            done.insert("\(verbs[String(parts[0])] ?? "") \(resource)")
        }
        let manifest = try Manifest.text("rbac/ip-reconciler.yaml")
        var permitted: Set<String> = []
        var resource = ""
        for match in manifest.matches(of: /(resources|verbs): \[([a-z, ]*)\]/) {
            if match.1 == "resources" {
                resource = String(match.2)
            } else {
                permitted.formUnion(match.2.split(separator: ", ").map { "\($0) \(resource)" })
            }
        }
        #expect(done == permitted)
    }

    /// Reconciles at once beside pods that a test makes up.
    private func reconcile(beside life: ScriptedLife) throws -> ReconciliationReport {
        life.namespace = cluster.namespace
        var settings = Reconciler.Settings()
        settings.grace = 0
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try KubernetesStore(
            .kubeconfig(path: cluster.reconcilerConfig),
            group: "whereabouts.cni.cncf.io",
            namespace: nil
        )
        return try Reconciler(store: store, source: life, settings: settings, logger: logger).run(as: "test")
    }

    /// Ten thousand allocations in two pool objects, a tenth of them stranded.
    @Test func tenThousandAllocationsOnKubernetes() throws {
        try cluster.clear(.kubernetes)
        var pods: [String: PodState] = [:]
        for (third, range) in [(1, "10.1.0.0/16"), (2, "10.2.0.0/16")] {
            var entries: [String: (id: String, pod: String)] = [:]
            for number in 1...5000 {
                entries[String(number)] = (id: "c\(third)-\(number)", pod: "pod-\(third)-\(number)")
                if number % 10 != 0 { pods["pod-\(third)-\(number)"] = PodState(uid: "u") }
            }
            try createPool("10.\(third).0.0-16", range: range, entries)
        }
        let report = try reconcile(beside: ScriptedLife(pods))
        #expect(report.allocations == 10_000 && report.count(.released) == 1000, "\(report.summary)")
        let left = try cluster.taken()
        #expect(left.count == 9000 && !left.contains { $0.hasSuffix("0-16 10") })
        #expect(try reconcile(beside: ScriptedLife(pods)).findings.isEmpty)
    }

    /// As on etcd, where ReconcilerTests has more of it; and what changed keeps nothing else of its pool from being freed.
    @Test func anAddBehindTheLastLookWinsOnKubernetesToo() throws {
        try cluster.clear(.kubernetes)
        for pod in ["gone-1", "web-0", "gone-2", "live"] { try cluster.add("c-\(pod)", pod: pod) }
        let life = ScriptedLife("live")
        life.afterLook = { [cluster] number in
            if number == 2 { try cluster.add("next", pod: "web-0") }
        }
        let report = try reconcile(beside: life)
        #expect(report.count(.released) == 2 && report.count(.changed) == 1, "\(report)")
        #expect(try cluster.taken() == ["10.20.0.0-24 2", "10.20.0.0-24 4"])
        #expect(try cluster.reservations() == ["10.20.0.2", "10.20.0.4"])
        #expect(try cluster.add("next", pod: "web-0") == ["10.20.0.2"])
    }

    /// What an ADD leaves that was killed between its two writes, once no ADD takes so long.
    @Test func reservationsWithoutTheirEntriesGo() throws {
        try cluster.clear(.kubernetes)
        try createPool("10.9.0.0-24", range: "10.9.0.0/24", ["1": ("a", "live")])
        try createReservation("10.9.0.1", pod: "live", pool: "10.9.0.0-24")
        try createReservation("blue-10.9.0.2", pod: "live", pool: "10.9.0.0-24")
        try createReservation("fd00-1--0", pod: "live", pool: "fd00-1---64")
        try createReservation("10.9.0.4", pod: "live")
        Thread.sleep(forTimeInterval: 9)
        try createReservation("10.9.0.3", pod: "live", pool: "10.9.0.0-24")
        let client = try KubernetesClient(.kubeconfig(path: cluster.reconcilerConfig))
        var datastore = KubernetesDatastore(client, group: KubernetesDatastore.defaultGroup, namespace: nil)
        datastore.claimTimeout = 7
        for isDryRun in [true, false] {
            let repairs = try datastore.repairHalves(isDryRun: isDryRun, deadline: .after(.seconds(60)))
            #expect(Set(repairs.map(\.subject)) == ["blue-10.9.0.2", "fd00-1--0"], "\(repairs)")
            #expect(repairs.allSatisfy { $0.kind == .reservationWithoutEntry })
            #expect(try cluster.reservations().count == (isDryRun ? 5 : 3))
        }
        // Upstream's name no pool: they are judged by their pods.
        #expect(try cluster.reservations() == ["10.9.0.1", "10.9.0.3", "10.9.0.4"])
    }

    /// An entry that lacks its reservation is told; a network may do without them, so none is made.
    @Test func entriesWithoutReservationsAreTold() throws {
        try cluster.clear(.kubernetes)
        _ = try cluster.makePod("live")
        try createPool("10.9.0.0-24", range: "10.9.0.0/24", ["1": ("a", "live"), "2": ("b", "live")])
        try createReservation("10.9.0.1", pod: "live")
        try createPool("10.7.0.0-24", range: "10.7.0.0/24", ["1": ("c", "live")])
        // Young: it may be a call's that is under way.
        try createReservation("10.9.0.3", pod: "live", pool: "10.9.0.0-24")
        let repairs = try cluster.report("--grace", "0")["repairs"] as? [[String: String]]
        #expect(repairs == [["kind": "entryWithoutReservation", "subject": "10.9.0.0-24 10.9.0.2"]])
        #expect(try cluster.reservations() == ["10.9.0.1", "10.9.0.3"])
    }
}
