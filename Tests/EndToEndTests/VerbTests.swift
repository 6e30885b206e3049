import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// The verbs of the built plugin, called as a runtime calls them.
@Suite(.timeLimit(.minutes(10))) struct VerbTests {
    let etcd: EtcdServer

    init() throws {
        etcd = try EtcdServer()
    }

    @Test func withoutACommandItSaysWhatItIs() throws {
        let outcome = try RunningProcess(Plugin.path, environment: [:]).wait()
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("whereabouts "))
        #expect(outcome.errors.contains("0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"))
    }

    @Test func versionListsTheSupportedVersions() throws {
        let outcome = try Plugin.call("VERSION", container: "", configuration: "{\"cniVersion\":\"0.4.0\"}")
        #expect(outcome.status == 0)
        #expect(outcome.json?["cniVersion"] as? String == "0.4.0")
        #expect((outcome.json?["supportedVersions"] as? [String])?.count == 7)
    }

    @Test func addAndDeleteLeaveStderrQuietAndNoRecordBehind() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        let added = try Plugin.call("ADD", container: "c1", configuration: configuration)
        #expect(added.status == 0, "\(added)")
        #expect(added.addresses == ["10.20.0.1/24"])
        #expect(added.errors.isEmpty)
        let deleted = try Plugin.call("DEL", container: "c1", configuration: configuration)
        #expect(deleted.status == 0, "\(deleted)")
        #expect(deleted.output.isEmpty)
        #expect(try recordCount() == 0)
        #expect(try Plugin.call("DEL", container: "c1", configuration: configuration).status == 0)
    }

    @Test(arguments: ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
    func everyVersionOfTheResultHasItsShape(version: String) throws {
        let ipam = """
            "ipRanges": [{"range": "10.20.0.0/24"}, {"range": "fd00:20::/64"}], "gateway": "10.20.0.1", \
            "routes": [{"dst": "0.0.0.0/0"}], "dns": {"nameservers": ["10.20.0.2"]}
            """
        let configuration = Plugin.configuration(etcd: etcd.endpoint, version: version, ipam)
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration)
        #expect(outcome.status == 0, "\(outcome)")
        let json = try #require(outcome.json)
        #expect(json["cniVersion"] as? String == version)
        if version == "0.1.0" || version == "0.2.0" {
            let four = try #require(json["ip4"] as? [String: Any])
            #expect(four["ip"] as? String == "10.20.0.2/24")
            #expect(four["gateway"] as? String == "10.20.0.1")
            #expect((four["routes"] as? [[String: Any]])?.count == 1)
            #expect((json["ip6"] as? [String: Any])?["ip"] as? String == "fd00:20::1/64")
        } else {
            #expect(outcome.addresses == ["10.20.0.2/24", "fd00:20::1/64"])
            let ips = try #require(json["ips"] as? [[String: Any]])
            #expect(ips.map { $0["version"] as? String } == (version < "1" ? ["4", "6"] : [nil, nil]))
            #expect(ips[0]["gateway"] as? String == "10.20.0.1")
            #expect(ips[1]["gateway"] == nil)
        }
        #expect((json["dns"] as? [String: Any])?["nameservers"] as? [String] == ["10.20.0.2"])
    }

    @Test func staticAddressesFollowThoseOfThePoolsAndAreNotGivenOut() throws {
        let ipam = """
            "range": "10.20.0.0/24", "addresses": [{"address": "10.20.0.1/24", "gateway": "10.20.0.254"}]
            """
        let configuration = Plugin.configuration(etcd: etcd.endpoint, ipam)
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration)
        #expect(outcome.addresses == ["10.20.0.2/24", "10.20.0.1/24"])
    }

    @Test func aPodsNewContainerGetsThePodsAddress() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=u1;OTHER=x"
        func add(_ container: String) throws -> [String] {
            try Plugin.call("ADD", container: container, arguments: arguments, configuration: configuration).addresses
        }
        _ = try Plugin.call("ADD", container: "other", configuration: configuration)
        #expect(try add("old") == ["10.20.0.2/24"])
        #expect(try add("new") == ["10.20.0.2/24"])
        #expect(try Plugin.call("DEL", container: "old", configuration: configuration).status == 0)
        #expect(try add("new") == ["10.20.0.2/24"])
        #expect(try recordCount() == 2)
    }

    // MARK: - CHECK

    @Test(arguments: ["0.4.0", "1.0.0", "1.1.0"]) func checkSeesWhetherTheAddressIsStillOwned(version: String) throws {
        let plain = Plugin.configuration(etcd: etcd.endpoint, version: version)
        let result = try Plugin.call("ADD", container: "c1", configuration: plain).output
        func check(_ container: String, _ previous: String) throws -> RunningProcess.Outcome {
            let configuration = Plugin.configuration(
                etcd: etcd.endpoint,
                version: version,
                beside: ", \"prevResult\": \(previous)"
            )
            return try Plugin.call("CHECK", container: container, configuration: configuration)
        }
        let passed = try check("c1", result)
        #expect(passed.status == 0, "\(passed)")
        #expect(passed.output.isEmpty)
        let moved = try check("c1", result.replacingOccurrences(of: "10.20.0.1", with: "10.20.0.9"))
        #expect(moved.errorCode == 103, "\(moved)")
        let stranger = try check("c2", result)
        #expect(stranger.errorCode == 103)
        #expect(stranger.errorText.contains("10.20.0.1"))
        _ = try Plugin.call("DEL", container: "c1", configuration: plain)
        #expect(try check("c1", result).errorCode == 103)
        #expect(try Plugin.call("CHECK", container: "c1", configuration: plain).errorCode == 7)
    }

    @Test func checkSeesALostAddressOfTwoRangesInOneNetwork() throws {
        let ipam =
            "\"ipRanges\": [{\"range\": \"10.20.0.10-10.20.0.20/24\"}, {\"range\": \"10.20.0.30-10.20.0.40/24\"}]"
        let result = try Plugin.call(
            "ADD",
            container: "c1",
            configuration: Plugin.configuration(etcd: etcd.endpoint, ipam)
        )
        #expect(result.addresses == ["10.20.0.10/24", "10.20.0.30/24"])
        let configuration = Plugin.configuration(
            etcd: etcd.endpoint,
            ipam,
            beside: ", \"prevResult\": \(result.output)"
        )
        #expect(try Plugin.call("CHECK", container: "c1", configuration: configuration).status == 0)
        let record = DeleteRangeRequest(.single("/whereabouts/v1/address/default/ipv4/010.020.000.030"))
        try etcd.client().deleteRange(record, deadline: .after(.seconds(10)))
        #expect(try Plugin.call("CHECK", container: "c1", configuration: configuration).errorCode == 103)
    }

    @Test func addressesOfCNIArgsAreAskedForOrStaticOnes() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        let arguments = "IP=10.20.0.1/24,10.200.0.9/16;GATEWAY=10.200.0.1"
        let outcome = try Plugin.call("ADD", container: "c1", arguments: arguments, configuration: configuration)
        #expect(outcome.addresses == ["10.20.0.1/24", "10.200.0.9/16"], "\(outcome)")
        #expect((outcome.json?["ips"] as? [[String: Any]])?.last?["gateway"] as? String == "10.200.0.1")
        let bad = try Plugin.call("ADD", container: "c2", arguments: "IP=10.20.0.300/24", configuration: configuration)
        #expect(bad.errorCode == 7)
    }

    @Test func anUncontendedAddAndDeleteAreTwoCallsOfEtcdEach() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        func calls() throws -> Int {
            try ["Range", "Put", "DeleteRange", "Txn"].map { try etcd.startedCalls($0) }.reduce(0, +)
        }
        _ = try Plugin.call("ADD", container: "first", configuration: configuration)
        let start = try calls()
        _ = try Plugin.call("ADD", container: "c1", configuration: configuration)
        let added = try calls()
        _ = try Plugin.call("DEL", container: "c1", configuration: configuration)
        #expect(added - start == 2)
        #expect(try calls() - added == 2)
    }

    @Test func aResultThatCannotBeWrittenIsNoSuccess() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        let environment = [
            "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_NETNS": "/none",
            "CNI_PATH": "/none",
        ]
        let outcome = try RunningProcess(
            "/bin/sh",
            ["-c", "exec \"$0\" >/dev/full", Plugin.path],
            environment: environment,
            input: Data(configuration.utf8)
        ).wait()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("can't be written"))
    }

    @Test func checkIgnoresAddressesOfOtherPlugins() throws {
        let plain = Plugin.configuration(etcd: etcd.endpoint)
        _ = try Plugin.call("ADD", container: "c1", configuration: plain)
        let previous = """
            {"cniVersion": "1.0.0", "ips": [{"address": "172.16.0.9/16"}, {"address": "10.20.0.1/24"}]}
            """
        let configuration = Plugin.configuration(etcd: etcd.endpoint, beside: ", \"prevResult\": \(previous)")
        let outcome = try Plugin.call("CHECK", container: "c1", configuration: configuration)
        #expect(outcome.status == 0, "\(outcome)")
    }

    // MARK: - Errors

    @Test func aFullRangeIsAnErrorOfItsOwn() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint, "\"range\": \"10.20.0.0/30\"")
        for index in 1...2 {
            #expect(try Plugin.call("ADD", container: "c\(index)", configuration: configuration).status == 0)
        }
        let outcome = try Plugin.call("ADD", container: "c3", configuration: configuration)
        #expect(outcome.status == 1)
        #expect(outcome.errorCode == 100)
        #expect(outcome.errorText.contains("10.20.0.0/30"))
    }

    @Test func aBadConfigurationNamesKeyAndValue() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint, "\"range\": \"10.20.0.0/33\"")
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration)
        #expect(outcome.errorCode == 7)
        #expect(outcome.errorText.contains("range: \"10.20.0.0/33\""), "\(outcome.errorText)")
    }

    @Test func anEtcdThatIsDownIsAnErrorThatNamesTheEndpointsAndTheCause() throws {
        let configuration = Plugin.configuration(etcd: "\(etcd.endpoint),127.0.0.1:1")
        etcd.stop()
        for command in ["ADD", "DEL"] {
            let outcome = try Plugin.call(command, container: "c1", configuration: configuration)
            #expect(outcome.status == 1)
            #expect(outcome.errorCode == 11)
            for part in [etcd.endpoint, "127.0.0.1:1", "Connection refused"] {
                #expect(outcome.errorText.contains(part), "\(outcome.errorText)")
            }
        }
    }

    @Test func statusTellsWhetherEtcdServes() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint, version: "1.1.0")
        let serving = try Plugin.call("STATUS", container: "", configuration: configuration)
        #expect(serving.status == 0, "\(serving)")
        #expect(serving.output.isEmpty)
        etcd.stop()
        let down = try Plugin.call("STATUS", container: "", configuration: configuration)
        #expect(down.errorCode == 50)
        #expect(down.errorText.contains(etcd.endpoint))
    }

    @Test func statusTellsWhichRangesAreExhausted() throws {
        let ipam = "\"ipRanges\": [{\"range\": \"10.20.0.0/24\"}, {\"range\": \"10.30.0.0/30\"}]"
        let configuration = Plugin.configuration(etcd: etcd.endpoint, version: "1.1.0", ipam)
        for index in 1...2 {
            #expect(try Plugin.call("STATUS", container: "", configuration: configuration).status == 0)
            #expect(try Plugin.call("ADD", container: "c\(index)", configuration: configuration).status == 0)
        }
        let full = try Plugin.call("STATUS", container: "", configuration: configuration)
        #expect(full.errorCode == 50)
        #expect(full.errorText.contains("10.30.0.0/30"))
        #expect(!full.errorText.contains("10.20.0.0/24"))
        _ = try Plugin.call("DEL", container: "c1", configuration: configuration)
        #expect(try Plugin.call("STATUS", container: "", configuration: configuration).status == 0)
    }

    @Test func statusTellsThatRecordsCannotBeTrusted() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint, version: "1.1.0")
        let key = "/whereabouts/v1/address/default/ipv4/010.020.000.003"
        try etcd.client().put(PutRequest(Key(key), "garbage"), deadline: .after(.seconds(10)))
        let outcome = try Plugin.call("STATUS", container: "", configuration: configuration)
        #expect(outcome.errorCode == 51)
        for part in [key, "10.20.0.0/24"] {
            #expect(outcome.errorText.contains(part), "\(outcome.errorText)")
        }
    }

    @Test(arguments: [("CHECK", "0.3.1"), ("GC", "1.0.0"), ("STATUS", "1.0.0"), ("GC", "0.4.0"), ("STATUS", "0.1.0")])
    func aVerbThatTheVersionLacksIsRefused(command: String, version: String) throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint, version: version)
        let outcome = try Plugin.call(command, container: "c1", configuration: configuration)
        #expect(outcome.errorCode == 1)
        #expect(outcome.errorText.contains("does not allow \(command)"))
    }

    // MARK: - GC

    @Test func garbageCollectionReleasesWhatThisNodesRuntimeDoesNotList() throws {
        func configuration(_ valid: String? = nil, name: String = "lab") -> String {
            Plugin.configuration(
                etcd: etcd.endpoint,
                version: "1.1.0",
                name: name,
                beside: valid.map { ", \"cni.dev/valid-attachments\": \($0)" } ?? ""
            )
        }
        func collect(_ configuration: String) throws -> RunningProcess.Outcome {
            try Plugin.call("GC", container: "", configuration: configuration)
        }
        for container in ["c1", "c2", "c3"] {
            _ = try Plugin.call("ADD", container: container, configuration: configuration())
        }
        let elsewhere = ["NODENAME": "node-b"]
        _ = try Plugin.call("ADD", container: "c4", environment: elsewhere, configuration: configuration())
        _ = try Plugin.call("ADD", container: "c5", configuration: configuration(name: "lab2"))

        // What is as young as the call is left alone.
        Thread.sleep(forTimeInterval: 1.1)
        // Without the key, or with null for it, nothing is known.
        for configuration in [configuration(), configuration("null")] {
            let ignorant = try collect(configuration)
            #expect(ignorant.status == 0)
            #expect(ignorant.output.isEmpty)
        }
        #expect(try recordCount() == 5)

        let listed =
            "[{\"containerID\": \"c2\", \"ifname\": \"eth0\"}, {\"containerID\": \"c3\", \"ifname\": \"net1\"}]"
        let collected = try collect(configuration(listed))
        #expect(collected.status == 0, "\(collected)")
        #expect(collected.output.isEmpty)
        #expect(try etcd.addressKeys().map { String($0.description.suffix(3)) } == ["002", "004", "005"])

        // An empty list means that no container is left.
        #expect(try collect(configuration("[]")).status == 0)
        #expect(try etcd.addressKeys().map { String($0.description.suffix(3)) } == ["004", "005"])
    }

    @Test func aGarbageCollectionThatMeetsAnErrorDoesTheRestAndReportsIt() throws {
        let configuration = Plugin.configuration(
            etcd: etcd.endpoint,
            version: "1.1.0",
            beside: ", \"cni.dev/valid-attachments\": []"
        )
        for container in ["c1", "c2"] {
            _ = try Plugin.call("ADD", container: container, configuration: configuration)
        }
        Thread.sleep(forTimeInterval: 1.1)
        let bad = ["a", "b"].map { "/whereabouts/v1/node/node-a/default/ipv4/\($0)" }
        for key in bad {
            try etcd.client().put(PutRequest(Key(key), "garbage"), deadline: .after(.seconds(10)))
        }
        let outcome = try Plugin.call("GC", container: "", configuration: configuration)
        #expect(outcome.status == 1)
        #expect(outcome.errorCode == 101)
        for key in bad {
            #expect(outcome.errorText.contains(key), "\(outcome.errorText)")
        }
        #expect(try recordCount() == 0)
    }

    // MARK: - Lost answers

    @Test func aReplyLostBehindTheCommitLeadsToTheSameAddress() throws {
        // The proxy cuts the connection instead of passing on the answer to the transaction.
        let proxy = try TCPProxy(to: etcd.clientPort, .loseSecondReply, .forward)
        let configuration = Plugin.configuration(etcd: proxy.endpoint)
        let first = try Plugin.call("ADD", container: "c1", configuration: configuration)
        #expect(first.status == 0, "\(first)")
        #expect(first.addresses == ["10.20.0.1/24"])
        #expect(proxy.acceptedCount == 2)
        #expect(try Plugin.call("ADD", container: "c1", configuration: configuration).addresses == first.addresses)
        #expect(try recordCount() == 1)
    }

    @Test func aReleaseWhoseReplyIsLostIsFoundDone() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        _ = try Plugin.call("ADD", container: "c1", configuration: configuration)
        let proxy = try TCPProxy(to: etcd.clientPort, .loseSecondReply, .forward)
        let throughProxy = Plugin.configuration(etcd: proxy.endpoint)
        let outcome = try Plugin.call("DEL", container: "c1", configuration: throughProxy)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(proxy.acceptedCount == 2)
        #expect(try recordCount() == 0)
    }

    private func recordCount() throws -> Int64 {
        let records = RangeRequest(.prefix("/whereabouts/v1/address/"), projection: .countOnly)
        return try etcd.client().range(records, deadline: .after(.seconds(10))).count
    }
}
