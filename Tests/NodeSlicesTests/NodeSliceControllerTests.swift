import EtcdLab
import Foundation
import KubernetesLab
import NodeSlices
import TestSupport
import Testing

/// The controller and the built plugin on a real API server, each with no more than its manifest permits.
@Suite(.serialized, .timeLimit(.minutes(10))) struct NodeSliceControllerTests {
    private static let program =
        Checkout.root.appendingPathComponent(".build/debug/whereabouts-node-slice-controller").path

    let cluster: SliceCluster

    init() throws {
        cluster = try SliceCluster.shared.get()
        try cluster.clear()
    }

    private func call(
        _ command: String,
        _ container: String,
        on node: String,
        _ ipam: String,
        name: String = "lab",
        beside: String = ""
    ) throws -> RunningProcess.Outcome {
        let configuration = """
            {"cniVersion": "1.1.0", "name": "\(name)", "type": "bridge"\(beside), "ipam": {"type": "whereabouts",
             "datastore": "kubernetes", "kubernetes": {"kubeconfig": "\(cluster.pluginConfig)"},
             "release_journal": "none", \(ipam)}}
            """
        return try Plugin.call(
            command,
            container: container,
            arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-of-\(container)",
            environment: ["NODENAME": node],
            configuration: configuration
        )
    }

    private func add(_ container: String, on node: String, _ ipam: String, name: String = "lab") throws -> [String] {
        let outcome = try call("ADD", container, on: node, ipam, name: name)
        #expect(outcome.status == 0, "\(outcome)")
        return outcome.addresses
    }

    @Test func eachNodeGetsASliceAndThePluginGivesItOut() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28", "exclude": ["10.20.0.1/32", "10.20.0.17/32"]"#
        try cluster.addNodes("node-b", "node-a")
        try cluster.define("lab", ipam)
        // Before there is a slice an ADD may be tried again.
        let early = try call("ADD", "early", on: "node-a", ipam)
        #expect(early.json?["code"] as? Int == 11, "\(early)")
        #expect(early.output.contains("node node-a has no slice of 10.20.0.0/24 in the NodeSlicePool lab yet"))
        let waiting = try call("STATUS", "", on: "node-a", ipam)
        #expect(waiting.json?["code"] as? Int == 50, "\(waiting)")
        #expect(try call("DEL", "early", on: "node-a", ipam).status == 0)

        #expect(try cluster.pass().isComplete)
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28", "node-b 10.20.0.16/28"])
        #expect(try call("STATUS", "", on: "node-a", ipam).status == 0)
        // Without the first address of the slice, and with the mask of the range.
        #expect(try add("c1", on: "node-a", ipam) == ["10.20.0.2/24"])
        #expect(try add("c1", on: "node-a", ipam) == ["10.20.0.2/24"])
        #expect(try add("c2", on: "node-b", ipam) == ["10.20.0.18/24"])
        #expect(try cluster.names("ippools") == ["node-a-10.20.0.0-28", "node-b-10.20.0.16-28"])
        #expect(try cluster.names("overlappingrangeipreservations") == ["10.20.0.18", "10.20.0.2"])
        let pool = try cluster.object("ippool", "node-b-10.20.0.16-28")["spec"] as? [String: Any]
        #expect(pool?["range"] as? String == "10.20.0.16/28")
        #expect((pool?["allocations"] as? [String: Any])?.keys.sorted() == ["2"])
        #expect(try call("DEL", "c2", on: "node-b", ipam).status == 0)
        #expect(try add("c3", on: "node-b", ipam) == ["10.20.0.18/24"])
        // Nothing is left to do.
        #expect(try cluster.pass().changes == 0)
    }

    @Test func aSliceThatIsFullIsSaidSo() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/30""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        #expect(try add("c1", on: "node-a", ipam) + add("c2", on: "node-a", ipam) == ["10.20.0.1/24", "10.20.0.2/24"])
        #expect(try call("ADD", "c3", on: "node-a", ipam).json?["code"] as? Int == 100)
        #expect(try call("STATUS", "", on: "node-a", ipam).json?["code"] as? Int == 50)
    }

    @Test func checkAndGarbageCollectionKnowTheSlices() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28", "network_name": "blue""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        #expect(try cluster.slices("blue") == ["node-a 10.20.0.0/28"])
        let added = try call("ADD", "c1", on: "node-a", ipam)
        #expect(try cluster.names("ippools") == ["blue-node-a-10.20.0.0-28"])
        let result = added.output.split(whereSeparator: \.isNewline).joined()
        #expect(try call("CHECK", "c1", on: "node-a", ipam, beside: #", "prevResult": \#(result)"#).status == 0)
        #expect(try call("CHECK", "c2", on: "node-a", ipam, beside: #", "prevResult": \#(result)"#).status == 1)
        // Whole seconds tell here, rather early, what is older than the call.
        Thread.sleep(forTimeInterval: 4)
        let collected = try call("GC", "", on: "node-a", ipam, beside: #", "cni.dev/valid-attachments": []"#)
        #expect(collected.status == 0, "\(collected)")
        #expect(try cluster.names("overlappingrangeipreservations").isEmpty)
        #expect(try add("c2", on: "node-a", ipam) == ["10.20.0.1/24"])
    }

    @Test func anAddressThatIsAskedForMustBeTheNodes() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-a", "node-b")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        func ask(_ address: String) throws -> RunningProcess.Outcome {
            let beside = #", "args": {"cni": {"ips": ["\#(address)"]}}"#
            return try call("ADD", "c-\(address)", on: "node-a", ipam, beside: beside)
        }
        #expect(try ask("10.20.0.7").addresses == ["10.20.0.7/24"])
        let refused = try ask("10.20.0.20")
        #expect(refused.json?["code"] as? Int == 104, "\(refused)")
        #expect(refused.output.contains("10.20.0.0/28"))
    }

    @Test func bothFamiliesAndGroupsHaveAPoolForEachRange() throws {
        let ipam = #"""
            "range": "10.20.0.0/24", "node_slice_size": "28",
            "ipRanges": [{"range": "fd00:20::/64", "node_slice_size": "/120"}, {"range": "10.30.0.0/24", "node_slice_size": "none"}]
            """#
        try cluster.addNodes("node-a", "node-b")
        try cluster.define("lab", ipam)
        #expect(try cluster.pass().isComplete)
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28", "node-b 10.20.0.16/28"])
        #expect(try cluster.slices("lab-fd00-20---64") == ["node-a fd00:20::/120", "node-b fd00:20::100/120"])
        #expect(try add("c1", on: "node-b", ipam) == ["10.20.0.17/24", "fd00:20::101/64", "10.30.0.1/24"])
        #expect(try call("DEL", "c1", on: "node-b", ipam).status == 0)
        #expect(try cluster.names("overlappingrangeipreservations").isEmpty)
    }

    @Test func aNodeThatIsGoneKeepsWhatIsInUse() throws {
        let ipam = #""range": "10.20.0.0/27", "node_slice_size": "/28""#
        try cluster.addNodes("node-a", "node-b")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        _ = try add("c1", on: "node-a", ipam)
        _ = try add("c2", on: "node-b", ipam)
        #expect(try call("DEL", "c2", on: "node-b", ipam).status == 0)
        try cluster.removeNode("node-a")
        try cluster.removeNode("node-b")
        try cluster.addNodes("node-c", "node-d")
        // The slice that nobody uses passes on; the other one stays, and a node waits for it.
        let outcome = try cluster.pass()
        #expect(outcome.unserved == 1)
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28", "node-c 10.20.0.16/28"])
        #expect(try cluster.names("ippools") == ["node-a-10.20.0.0-28"])
        let pool = try cluster.object("nodeslicepool", "lab")
        let conditions = try #require((pool["status"] as? [String: Any])?["conditions"] as? [[String: String]])
        #expect(conditions.map { $0["status"] } == ["True"])
        #expect(conditions[0]["message"] == "no slice of 10.20.0.0/27 is left for node node-d")
        let events = try cluster.server.kubectl("get", "events", "--namespace", cluster.namespace)
        #expect(events.contains("NoSliceLeft") && events.contains("node-d"), "\(events)")
        // Again says nothing new.
        #expect(try cluster.pass().changes == 0)

        #expect(try call("DEL", "c1", on: "node-a", ipam).status == 0)
        #expect(try cluster.pass().isComplete)
        #expect(try cluster.slices("lab") == ["node-d 10.20.0.0/28", "node-c 10.20.0.16/28"])
        let now = try cluster.object("nodeslicepool", "lab")["status"] as? [String: Any]
        #expect((now?["conditions"] as? [[String: String]])?.map { $0["status"] } == ["False"])
        #expect(try add("c3", on: "node-d", ipam) == ["10.20.0.1/27"])
    }

    @Test func anotherSizeLeavesLiveAddressesAlone() throws {
        let (before, after) = (
            #""range": "10.20.0.0/24", "node_slice_size": "/28""#, #""range": "10.20.0.0/24", "node_slice_size": "/26""#
        )
        try cluster.addNodes("node-a", "node-b")
        try cluster.define("lab", before)
        _ = try cluster.pass()
        _ = try add("c1", on: "node-a", before)
        try cluster.define("lab", after)
        #expect(try cluster.pass().isComplete)
        // What node-b had was not used; what node-a has is gone round.
        #expect(
            try cluster.slices("lab") == ["node-a 10.20.0.64/26", "node-b 10.20.0.128/26", "node-a 10.20.0.0/28"]
        )
        #expect(
            try (cluster.object("nodeslicepool", "lab")["spec"] as? [String: Any])?["sliceSize"] as? String == "/26"
        )
        #expect(try add("c1", on: "node-a", after) == ["10.20.0.1/24"])
        #expect(try add("c2", on: "node-a", after) == ["10.20.0.65/24"])
        #expect(try call("DEL", "c1", on: "node-a", after).status == 0)
        _ = try cluster.pass()
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.64/26", "node-b 10.20.0.128/26"])
        #expect(try cluster.names("ippools") == ["node-a-10.20.0.64-26"])
    }

    private func assign(_ nodeName: String) throws {
        try cluster.server.kubectl(
            "patch",
            "nodeslicepool",
            "lab",
            "--namespace",
            cluster.namespace,
            "--type=merge",
            "--patch",
            #"{"status": {"allocations": [{"nodeName": "\#(nodeName)", "sliceRange": "10.20.0.0/28"}]}}"#
        )
    }

    /// Calls have read that the slice is their node's, and write after it was taken away.
    @Test func whatComesTooLateForASliceIsRefused() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        let late = (0..<2).map { number in
            BackgroundCall { [self] in
                try call("ADD", "late-\(number)", on: "node-a", ipam + #", "sleep_for_race": 3"#)
            }
        }
        Thread.sleep(forTimeInterval: 1.5)
        #expect(try cluster.names("ippools") == ["node-a-10.20.0.0-28"])
        // As the controller does it.
        try assign("retired/node-a")
        try cluster.server.kubectl("delete", "ippool", "node-a-10.20.0.0-28", "--namespace", cluster.namespace)
        try assign("node-b")
        for call in late {
            let refused = try call.value()
            #expect(refused.json?["code"] as? Int == 11, "\(refused)")
        }
        #expect(try cluster.names("overlappingrangeipreservations").isEmpty)
        for pool in try cluster.names("ippools") {
            let spec = try cluster.object("ippool", pool)["spec"] as? [String: Any]
            #expect((spec?["allocations"] as? [String: Any])?.isEmpty ?? false)
        }
    }

    @Test func aSliceThatIsUsedAfterAllGoesBackToItsNode() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        _ = try add("c1", on: "node-a", ipam)
        _ = try add("c2", on: "node-a", ipam)
        try assign("retired/node-a")
        #expect(try call("ADD", "c3", on: "node-a", ipam).json?["code"] as? Int == 11)
        // Releases find what is there all the same, also where the slice has nothing to give out any more.
        #expect(try call("DEL", "c1", on: "node-a", ipam).status == 0)
        #expect(try cluster.names("overlappingrangeipreservations") == ["10.20.0.2"])
        _ = try cluster.pass()
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28"])
        let excluding = ipam + #", "exclude": ["10.20.0.0/27"]"#
        #expect(try call("DEL", "c2", on: "node-a", excluding).status == 0)
        #expect(try cluster.names("overlappingrangeipreservations").isEmpty)
    }

    @Test func whatWasGivenOutBeforeTheRangeWasDividedIsReleased() throws {
        let whole = #""range": "10.20.0.0/24""#
        let ipam = whole + #", "node_slice_size": "/28""#
        try cluster.addNodes("node-a")
        #expect(try add("old", on: "node-a", whole) == ["10.20.0.1/24"])
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        // The reservation keeps the address from being given out of the slice too.
        #expect(try add("new", on: "node-a", ipam) == ["10.20.0.2/24"])
        #expect(try call("DEL", "old", on: "node-a", ipam).status == 0)
        #expect(try cluster.names("overlappingrangeipreservations") == ["10.20.0.2"])
    }

    @Test func aNetworkThatCanNotBeReadTakesNothingAway() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        try cluster.define("lab", #""range": "10.20.0.0/24", "node_slice_size": "/12""#)
        #expect(try cluster.pass().faults == 1)
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28"])
    }

    @Test func networksOfOneRangeShareTheirSlices() throws {
        // Two that have no network_name, of one range: their pools are the same objects, so that their slices must be.
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-b")
        try cluster.define("red", ipam)
        _ = try cluster.pass()
        try cluster.addNodes("node-a")
        try cluster.define("blue", ipam)
        #expect(try cluster.pass().isComplete)
        #expect(try cluster.slices("red") == ["node-b 10.20.0.0/28", "node-a 10.20.0.16/28"])
        #expect(try cluster.slices("blue") == (try cluster.slices("red")))
        #expect(try add("c1", on: "node-a", ipam, name: "red") == ["10.20.0.17/24"])
        #expect(try add("c2", on: "node-a", ipam, name: "blue") == ["10.20.0.18/24"])
    }

    @Test func networksWithoutANameAreNotComparedWithEachOther() throws {
        try cluster.addNodes("node-a")
        try cluster.define("red", #""range": "10.20.0.0/24", "node_slice_size": "/28""#)
        try cluster.define("blue", #""range": "10.30.0.0/24", "node_slice_size": "/26""#)
        try cluster.define("plain", #""range": "10.40.0.0/24""#)
        let outcome = try cluster.pass()
        #expect(outcome.isComplete && outcome.pools == 2, "\(outcome)")
        #expect(try cluster.slices("red") == ["node-a 10.20.0.0/28"])
        #expect(try cluster.slices("blue") == ["node-a 10.30.0.0/26"])
    }

    @Test func whatCanNotBeUsedIsAnEventAndHindersNobody() throws {
        try cluster.addNodes("node-a")
        try cluster.define("bad", #""range": "10.20.0.0/24", "node_slice_size": "/12""#)
        try cluster.define("good", #""range": "10.30.0.0/24", "node_slice_size": "/28""#)
        let outcome = try cluster.pass()
        #expect(outcome.faults == 1 && outcome.pools == 1, "\(outcome)")
        let events = try cluster.server.kubectl("get", "events", "--namespace", cluster.namespace)
        #expect(events.contains("InvalidNetwork") && events.contains("node_slice_size"), "\(events)")
    }

    @Test func whatUpstreamsControllerWroteIsTakenOver() throws {
        let ipam = #""range": "10.20.0.0/26", "node_slice_size": "/28""#
        try cluster.addNodes("node-a", "node-b")
        // Upstream writes the slices without a node too, which this server, an old one by a new compiler, takes for null.
        let path = "/apis/whereabouts.cni.cncf.io/v1alpha1/namespaces/\(cluster.namespace)/nodeslicepools"
        try cluster.server.kubectl(
            "create",
            "--raw",
            path,
            "--filename",
            "-",
            input: """
                {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "NodeSlicePool", "metadata": {"name": "lab"},
                 "spec": {"range": "10.20.0.0/26", "sliceSize": "28"},
                 "status": {"allocations": [{"nodeName": "node-b", "sliceRange": "10.20.0.0/28"}]}}
                """
        )
        // Nobody's network: it is left alone until one divides the range.
        #expect(try cluster.pass().changes == 0)
        #expect(try add("c1", on: "node-b", ipam) == ["10.20.0.1/26"])
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        #expect(try cluster.slices("lab") == ["node-b 10.20.0.0/28", "node-a 10.20.0.16/28"])
    }

    @Test func aPoolGoesWithItsNetworkOnceNothingIsInUse() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        _ = try add("c1", on: "node-a", ipam)
        try cluster.undefine("lab")
        _ = try cluster.pass()
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28"])
        #expect(try call("DEL", "c1", on: "node-a", ipam).status == 0)
        _ = try cluster.pass()
        #expect(try cluster.names("nodeslicepools").isEmpty)
        #expect(try cluster.names("ippools").isEmpty)
    }

    @Test func anotherRangeHasAnotherPoolWhileTheFirstIsInUse() throws {
        let (before, after) = (
            #""range": "10.20.0.0/24", "node_slice_size": "/28""#, #""range": "10.30.0.0/24", "node_slice_size": "/28""#
        )
        try cluster.addNodes("node-a")
        try cluster.define("lab", before)
        _ = try cluster.pass()
        _ = try add("c1", on: "node-a", before)
        try cluster.define("lab", after)
        let early = try call("ADD", "c2", on: "node-a", after)
        #expect(early.output.contains("has no slice of 10.30.0.0/24 in the NodeSlicePool lab-10.30.0.0-24 yet"))
        _ = try cluster.pass()
        #expect(try cluster.names("nodeslicepools") == ["lab", "lab-10.30.0.0-24"])
        #expect(try add("c2", on: "node-a", after) == ["10.30.0.1/24"])
        // The runtime deletes with the configuration of the ADD.
        #expect(try call("DEL", "c1", on: "node-a", before).status == 0)
        _ = try cluster.pass()
        #expect(try cluster.names("nodeslicepools") == ["lab-10.30.0.0-24"])
        #expect(try add("c3", on: "node-a", after) == ["10.30.0.2/24"])
    }

    @Test func withoutNodesNothingIsTakenAway() throws {
        let ipam = #""range": "10.20.0.0/24", "node_slice_size": "/28""#
        try cluster.addNodes("node-a")
        try cluster.define("lab", ipam)
        _ = try cluster.pass()
        try cluster.removeNode("node-a")
        #expect(try cluster.pass().changes == 0)
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28"])
    }

    @Test func twoControllersAtOnceDoNoHarm() throws {
        let ipam = #""range": "10.20.0.0/22", "node_slice_size": "/28""#
        try cluster.define("lab", ipam)
        for number in 0..<20 { try cluster.addNodes("node-\(number)") }
        let passes = (0..<4).map { _ in BackgroundCall { [cluster] in try cluster.pass() } }
        for pass in passes { _ = try pass.value() }
        _ = try cluster.pass()
        let slices = try cluster.slices("lab").map { $0.split(separator: " ") }
        #expect(Set(slices.map { $0[0] }).count == 20)
        #expect(Set(slices.map { $0[1] }).count == 20)
    }

    @Test func theProgramTellsItsVersionAndWhatItDoesNotUnderstand() throws {
        let version = try RunningProcess(Self.program, ["--version"]).wait()
        #expect(version.status == 0 && version.output.hasPrefix("whereabouts-node-slice-controller 0."), "\(version)")
        let help = try RunningProcess(Self.program, ["--help"]).wait()
        #expect(help.status == 0 && help.output.contains("--resync"), "\(help)")
        for (arguments, message) in [
            (["--unknown"], "--unknown"), (["--resync", "0"], "--resync 0 must be 1 to 3600"),
        ] {
            let outcome = try RunningProcess(Self.program, arguments).wait()
            #expect(outcome.status == 2 && outcome.errors.contains(message) && outcome.output.isEmpty, "\(outcome)")
        }
    }

    @Test func theProgramServesWhoeverComes() throws {
        try cluster.addNodes("node-a")
        try cluster.define("lab", #""range": "10.20.0.0/24", "node_slice_size": "/28""#)
        let once = try RunningProcess(Self.program, ["--kubeconfig", cluster.controllerConfig, "--once"]).wait()
        #expect(once.status == 0, "\(once)")
        #expect(try cluster.slices("lab") == ["node-a 10.20.0.0/28"])
        let scratch = try ScratchDirectory("controller")
        let serving = try ServerProcess(
            Self.program,
            ["--kubeconfig", cluster.controllerConfig, "--resync", "3600"],
            log: scratch.path("log")
        )
        defer { serving.kill() }
        func wait(for event: String, _ hasHappened: () throws -> Bool) throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while try !hasHappened() {
                let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
                try #require(ContinuousClock.now < deadline, "\(event): \(log)")
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
        try cluster.addNodes("node-b")
        try wait(for: "a node") { try cluster.slices("lab").contains("node-b 10.20.0.16/28") }
        // Nothing but its watches tells it of these.
        try cluster.addNodes("node-c")
        try wait(for: "another node") { try cluster.slices("lab").contains("node-c 10.20.0.32/28") }
        try cluster.define("other", #""range": "10.30.0.0/24", "node_slice_size": "/28""#)
        try wait(for: "a network") { try cluster.names("nodeslicepools").contains("other") }
        try cluster.removeNode("node-b")
        try wait(for: "the end of a node") { try cluster.slices("lab").count == 2 }
    }

    @Test func whatIsWrongWithTheServerIsSaid() throws {
        let missing = try RunningProcess(Self.program, ["--kubeconfig", "/nonexistent", "--once"]).wait()
        #expect(missing.status != 0)
        #expect(missing.errors.contains("/nonexistent"), "\(missing)")
        let forbidden = try RunningProcess(Self.program, ["--kubeconfig", cluster.pluginConfig, "--once"]).wait()
        #expect(forbidden.status != 0)
        #expect(forbidden.errors.contains("does not permit to list nodes"), "\(forbidden)")
        // Nodes are in no namespace, and a Role would not help.
        #expect(forbidden.errors.contains("Bind a ClusterRole to the user"), "\(forbidden)")
        let outside = try RunningProcess(Self.program, ["--resync", "0"]).wait()
        #expect(outside.errors.contains("--resync 0 must be 1 to 3600 seconds"), "\(outside)")
    }
}
