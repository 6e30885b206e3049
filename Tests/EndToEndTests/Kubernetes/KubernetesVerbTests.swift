import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// The verbs of the built plugin on the Kubernetes datastore, with no more than the shipped manifests permit.
@Suite(.serialized, .timeLimit(.minutes(10))) struct KubernetesVerbTests {
    private struct Shared: @unchecked Sendable {
        let server: APIServer
    }

    private static let shared = Result { try Shared(server: APIServer()) }

    let server: APIServer
    let namespace: String
    let kubeconfig: String

    init() throws {
        server = try Self.shared.get().server
        (namespace, kubeconfig) = try server.makePluginNamespace()
    }

    private func configuration(
        _ members: String = #""range": "10.20.0.0/24""#,
        beside: String = "",
        kubeconfig: String? = nil,
        group: String = "whereabouts.cni.cncf.io",
        journal: String = "none"
    ) -> String {
        """
        {"cniVersion": "1.1.0", "name": "lab", "type": "bridge"\(beside), "ipam": {
          "type": "whereabouts", "datastore": "kubernetes",
          "kubernetes": {"kubeconfig": "\(kubeconfig ?? self.kubeconfig)", "api_group": "\(group)"},
          "release_journal": "\(journal)", \(members)}}
        """
    }

    private func call(
        _ command: String,
        _ container: String = "",
        pod: String? = nil,
        _ configuration: String
    ) throws -> RunningProcess.Outcome {
        let pod = pod ?? "pod-of-\(container)"
        let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=\(pod)"
        return try Plugin.call(command, container: container, arguments: arguments, configuration: configuration)
    }

    private func pool(_ name: String = "10.20.0.0-24") throws -> [String: [String: String]] {
        let text = try server.kubectl(
            "get",
            "ippools.whereabouts.cni.cncf.io",
            name,
            "--namespace",
            namespace,
            "--output",
            "json"
        )
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let spec = try #require(object?["spec"] as? [String: Any])
        return try #require(spec["allocations"] as? [String: [String: String]])
    }

    private func reservations() throws -> [String] {
        try server.kubectl(
            "get",
            "overlappingrangeipreservations.whereabouts.cni.cncf.io",
            "--namespace",
            namespace,
            "--output",
            "name"
        )
        .split(separator: "\n").map { String($0.split(separator: "/")[1]) }
    }

    @Test func theObjectsAreThoseThatUpstreamWrites() throws {
        let ipam =
            #""ipRanges": [{"range": "10.20.0.0/24"}, {"range": "2001:db8::/116", "range_start": "2001:db8::abc"}]"#
        let added = try call("ADD", "c1", configuration(ipam))
        #expect(added.status == 0, "\(added)")
        #expect(added.addresses == ["10.20.0.1/24", "2001:db8::abc/116"])
        #expect(added.errors.isEmpty)
        let entry = ["id": "c1", "podref": "default/pod-of-c1", "ifname": "eth0"]
        #expect(try pool() == ["1": entry])
        #expect(try pool("2001-db8---116") == ["2748": entry])
        #expect(try reservations() == ["10.20.0.1", "2001-db8--abc"])
        #expect(try call("DEL", "c1", configuration(ipam)).status == 0)
        #expect(try pool().isEmpty)
        #expect(try reservations().isEmpty)
        #expect(try call("DEL", "c1", configuration(ipam)).status == 0)
    }

    @Test func namedNetworksAreNamedInTheObjects() throws {
        let ipam = #""range": "2001:db8::/64", "network_name": "blue""#
        #expect(try call("ADD", "c1", configuration(ipam)).addresses == ["2001:db8::1/64"])
        #expect(try pool("blue-2001-db8---64").count == 1)
        #expect(try reservations() == ["blue-2001-db8--1"])
    }

    @Test func checkStatusAndGarbageCollectionServe() throws {
        let added = try call("ADD", "c1", configuration())
        #expect(added.status == 0, "\(added)")
        let result = added.output.split(whereSeparator: \.isNewline).joined()
        let check = configuration(beside: #", "prevResult": \#(result)"#)
        #expect(try call("CHECK", "c1", check).status == 0)
        #expect(try call("CHECK", "c2", check).status == 1)
        #expect(try call("STATUS", "", configuration()).status == 0)
        _ = try call("ADD", "c2", configuration())
        // Whole seconds tell here, rather early, what is older than the call.
        Thread.sleep(forTimeInterval: 4)
        let valid = #", "cni.dev/valid-attachments": [{"containerID": "c2", "ifname": "eth0"}]"#
        let collected = try call("GC", "", configuration(beside: valid))
        #expect(collected.status == 0, "\(collected)")
        #expect(try pool().values.map { $0["id"] } == ["c2"])
        #expect(try reservations() == ["10.20.0.2"])
    }

    /// As a service account that may do what the Role of that group permits, and no more.
    @Test func theGroupOfKubernetesServesToo() throws {
        let group = "whereabouts.cni.k8s.io"
        try server.install(Manifest.definitions(.k8s))
        let (namespace, kubeconfig) = try server.makePluginNamespace(.k8s)
        func names(_ resource: String) throws -> [String] {
            try server.kubectl("get", resource, "--namespace", namespace, "--output", "name")
                .split(separator: "\n").map { String($0.split(separator: "/")[1]) }
        }
        func configuration(beside: String = "") -> String {
            self.configuration(beside: beside, kubeconfig: kubeconfig, group: group)
        }
        let added = try call("ADD", "c1", configuration())
        #expect(added.addresses == ["10.20.0.1/24"], "\(added)")
        #expect(try call("ADD", "c2", configuration()).addresses == ["10.20.0.2/24"])
        #expect(try call("ADD", "c3", configuration()).addresses == ["10.20.0.3/24"])
        #expect(try names("ippools.\(group)") == ["10.20.0.0-24"])
        #expect(try names("ippools.whereabouts.cni.cncf.io").isEmpty)
        let result = added.output.split(whereSeparator: \.isNewline).joined()
        #expect(try call("CHECK", "c1", configuration(beside: #", "prevResult": \#(result)"#)).status == 0)
        #expect(try call("STATUS", "", configuration()).status == 0)
        #expect(try call("DEL", "c1", configuration()).status == 0)
        #expect(try names("overlappingrangeipreservations.\(group)") == ["10.20.0.2", "10.20.0.3"])
        Thread.sleep(forTimeInterval: 4)
        let valid = #", "cni.dev/valid-attachments": [{"containerID": "c2", "ifname": "eth0"}]"#
        let collected = try call("GC", "", configuration(beside: valid))
        #expect(collected.status == 0, "\(collected)")
        #expect(try names("overlappingrangeipreservations.\(group)") == ["10.20.0.2"])
        // The Role of the other group permits nothing of this one.
        let other = self.configuration(kubeconfig: self.kubeconfig, group: group)
        #expect(try call("ADD", "c4", other).errorCode == 102)
    }

    @Test func aFullRangeIsSaidSo() throws {
        let ipam = #""range": "10.20.0.0/30""#
        for container in ["c1", "c2"] {
            #expect(try call("ADD", container, configuration(ipam)).status == 0)
        }
        let refused = try call("ADD", "c3", configuration(ipam))
        #expect(refused.json?["code"] as? Int == 100, "\(refused)")
        #expect(try call("STATUS", "", configuration(ipam)).json?["code"] as? Int == 50)
    }

    @Test func aReleaseDoesWithoutWhatItDoesNotNeed() throws {
        #expect(try call("ADD", "c1", configuration()).status == 0)
        let bad = configuration(#""range": "10.20.0.0/24", "routes": [{"dst": "nowhere"}], "retain": 60"#)
        let refused = try call("ADD", "c2", bad)
        #expect(refused.json?["code"] as? Int == 7, "\(refused)")
        #expect(try call("DEL", "c1", bad).status == 0)
        #expect(try pool().isEmpty)
    }

    @Test func aNetworkThatCanNameNoObjectIsRefused() throws {
        let bad = configuration(#""range": "10.20.0.0/24", "network_name": "My_Net""#)
        let refused = try call("ADD", "c1", bad)
        #expect(refused.json?["code"] as? Int == 7, "\(refused)")
        #expect(refused.output.contains("network_name"), "\(refused)")
        #expect(try call("DEL", "c1", bad).status == 0)
    }

    @Test func withoutAPodThereIsNoOwner() throws {
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration())
        #expect(outcome.json?["code"] as? Int == 4, "\(outcome)")
    }

    @Test func aReleaseWaitsInTheJournalUntilTheServerIsBack() throws {
        let scratch = try ScratchDirectory("journal")
        let journal = scratch.path("releases")
        #expect(try call("ADD", "c1", configuration(journal: journal)).status == 0)
        // Nobody listens there, and the rest is the same.
        let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        let dead = text.replacing(server.url, with: "https://127.0.0.1:1")
        try Data(dead.utf8).write(to: URL(fileURLWithPath: kubeconfig))
        #expect(try call("DEL", "c1", configuration(journal: journal)).status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: journal).count > 0)
        try Data(text.utf8).write(to: URL(fileURLWithPath: kubeconfig))
        #expect(try call("ADD", "c2", configuration(journal: journal)).addresses == ["10.20.0.2/24"])
        #expect(try pool().values.map { $0["id"] } == ["c2"])
    }

    /// Of two addresses one waits in the journal to be released, and the other one is reserved by a call that may be about to claim it.
    @Test func aRangeThatIsAboutToBeFullIsTriedAgainBehindTheReleasesThatArePending() throws {
        let scratch = try ScratchDirectory("journal")
        let journal = scratch.path("releases")
        let configuration = configuration(#""range": "10.20.0.0/30""#, journal: journal)
        #expect(try call("ADD", "c1", configuration).addresses == ["10.20.0.1/30"])
        let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        let dead = text.replacing(server.url, with: "https://127.0.0.1:1")
        try Data(dead.utf8).write(to: URL(fileURLWithPath: kubeconfig))
        #expect(try call("DEL", "c1", configuration).status == 0)
        try Data(text.utf8).write(to: URL(fileURLWithPath: kubeconfig))
        let reservation = """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "OverlappingRangeIPReservation",
             "metadata": {"name": "10.20.0.2", "annotations": {"whereabouts.cni.cncf.io/pool": "10.20.0.0-30"}},
             "spec": {"podref": "default/claiming", "ifname": "eth0", "containerid": "claiming"}}
            """
        try server.kubectl("create", "--namespace", namespace, "--filename", "-", input: reservation)
        let added = try call("ADD", "c2", configuration)
        #expect(added.addresses == ["10.20.0.1/30"], "\(added)")
    }

    @Test func whatIsWrongWithTheClusterIsNamed() throws {
        let missing = try call("ADD", "c1", configuration(kubeconfig: "/nonexistent"))
        #expect(missing.json?["code"] as? Int == 7, "\(missing)")
        #expect(missing.output.contains("the kubeconfig /nonexistent can't be read"))
        let unknown = try call("ADD", "c1", configuration(group: "whereabouts.example.org"))
        #expect(unknown.json?["code"] as? Int == 102, "\(unknown)")
        let token = try server.serviceAccountToken("stranger", namespace: namespace)
        let stranger = try server.kubeconfig(#""token": "\#(token)""#, namespace: namespace)
        let forbidden = try call("ADD", "c1", configuration(kubeconfig: stranger))
        #expect(forbidden.json?["code"] as? Int == 102, "\(forbidden)")
        #expect(
            forbidden.output.contains("Bind a Role to the user that has the verb get on the resource ippools"),
            "\(forbidden)"
        )
    }

    /// The deletion of the reservation is held back on its way, so that the call waits for it behind the entry.
    @Test func aReleaseThatIsKilledBetweenTheHalvesLeavesTheReservation() throws {
        #expect(try call("ADD", "c1", configuration()).addresses == ["10.20.0.1/24"])
        let front = try HTTPFront(to: server.port, rules: ["http-request tarpit if { method DELETE }"])
        let token = try server.serviceAccountToken("whereabouts", namespace: namespace)
        let cluster = #""server": "https://127.0.0.1:\#(front.port)", "certificate-authority": "\#(TLSFixture.ca)""#
        let slow = try server.kubeconfig(#""token": "\#(token)""#, cluster: cluster, namespace: namespace)
        let release = try Plugin.start("DEL", container: "c1", configuration: configuration(kubeconfig: slow))
        let deadline = ContinuousClock.now + .seconds(60)
        while try !pool().isEmpty, ContinuousClock.now < deadline { usleep(20_000) }
        release.signal(SIGKILL)
        _ = try release.wait()
        #expect(try pool().isEmpty)
        #expect(try reservations() == ["10.20.0.1"])
        // To its own pod it is no obstacle.
        #expect(try call("ADD", "c2", configuration()).addresses != ["10.20.0.1/24"])
        #expect(try call("ADD", "c3", pod: "pod-of-c1", configuration()).addresses == ["10.20.0.1/24"])
        #expect(try call("DEL", "c3", configuration()).status == 0)
        #expect(try reservations().count == 1)
    }

    @Test func aHundredProcessesAtOnceSucceed() throws {
        let configuration = configuration()
        let calls = try (0..<100).map { number in
            try Plugin.start(
                "ADD",
                container: "c\(number)",
                arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p\(number)",
                configuration: configuration
            )
        }
        let outcomes = try calls.map { try $0.wait() }
        #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes.first { $0.status != 0 }.map { "\($0)" } ?? "")")
        #expect(Set(outcomes.flatMap(\.addresses)).count == 100)
        #expect(try pool().count == 100)
        #expect(try reservations().count == 100)
    }

    @Test func killedCallsLeaveNothingThatTheNextOnesDoNotMend() throws {
        let configuration = configuration(#""range": "10.20.0.0/26""#)
        var generator = SplitMix64(seed: 20_261_127)
        for round in 0..<3 {
            let calls = try (0..<20).map { number in
                try Plugin.start(
                    "ADD",
                    container: "c\(round)-\(number)",
                    arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p\(number)",
                    configuration: configuration
                )
            }
            for call in calls {
                usleep(.random(in: 0...20_000, using: &generator))
                if Bool.random(using: &generator) { call.signal(SIGKILL) }
            }
            for call in calls { _ = try call.wait() }
            // As a runtime does it: the pods again, in new containers, and the old ones deleted.
            let again = try (0..<20).map { number in
                try self.call("ADD", "d\(round)-\(number)", pod: "p\(number)", configuration)
            }
            #expect(again.allSatisfy { $0.status == 0 })
            #expect(Set(again.flatMap(\.addresses)).count == 20)
            for number in 0..<20 {
                for container in ["c\(round)-\(number)", "d\(round)-\(number)"] {
                    #expect(try self.call("DEL", container, pod: "p\(number)", configuration).status == 0)
                }
            }
            #expect(try pool("10.20.0.0-26").isEmpty)
        }
        // What killed calls have reserved and not claimed is freed by whoever wants it after five minutes, and by GC.
        Thread.sleep(forTimeInterval: 4)
        let collection = self.configuration(#""range": "10.20.0.0/26""#, beside: #", "cni.dev/valid-attachments": []"#)
        #expect(try self.call("GC", "", collection).status == 0)
        #expect(try reservations().isEmpty)
    }
}
