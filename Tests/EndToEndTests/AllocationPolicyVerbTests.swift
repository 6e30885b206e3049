import EtcdLab
import Foundation
import TestSupport
import Testing

/// How addresses are chosen, seen through the plugin.
@Suite(.timeLimit(.minutes(15))) struct AllocationPolicyVerbTests {
    private let etcd: EtcdServer

    init() throws {
        etcd = try EtcdServer()
    }

    private func call(
        _ command: String,
        _ container: String,
        _ members: String,
        pod: String? = nil,
        beside: String = "",
        arguments: String = ""
    ) throws -> RunningProcess.Outcome {
        let names = pod.map { ";K8S_POD_NAMESPACE=default;K8S_POD_NAME=\($0)" } ?? ""
        return try Plugin.call(
            command,
            container: container,
            arguments: "IgnoreUnknown=1\(names)\(arguments)",
            configuration: Plugin.configuration(etcd: etcd.endpoint, members, beside: beside)
        )
    }

    @Test func poolThatGoesRoundDoesNotReuseAtOnce() throws {
        let members = #""range": "10.20.0.0/29", "allocation_strategy": "next""#
        var given: [String] = []
        for number in 0..<8 {
            given += try call("ADD", "c\(number)", members).addresses
            #expect(try call("DEL", "c\(number)", members).status == 0)
        }
        #expect(given == [1, 2, 3, 4, 5, 6, 1, 2].map { "10.20.0.\($0)/29" })
    }

    @Test func groupServesInItsOrderAndCheckKnowsIt() throws {
        let members =
            #""ipRanges": [{"ranges": ["10.20.0.0/30", {"range": "10.21.0.0/24", "include": ["10.21.0.77"]}]}]"#
        for (number, address) in ["10.20.0.1/30", "10.20.0.2/30", "10.21.0.77/24"].enumerated() {
            let add = try call("ADD", "c\(number)", members)
            #expect(add.addresses == [address], "\(add)")
            let check = try call("CHECK", "c\(number)", members, beside: #", "prevResult": \#(add.output)"#)
            #expect(check.status == 0, "\(check)")
        }
        let full = try call("ADD", "c3", members)
        #expect(full.errorCode == 100, "\(full)")
        #expect(full.errorText.contains("in any range of the group 10.20.0.0/30 (2), 10.21.0.0/24 (1)"), "\(full)")
        let status = try Plugin.call(
            "STATUS",
            container: "",
            configuration: Plugin.configuration(etcd: etcd.endpoint, version: "1.1.0", members)
        )
        #expect(status.errorCode == 50 && status.errorText.contains("10.20.0.0/30 (2), 10.21.0.0/24 (1)"), "\(status)")
    }

    @Test func askedForAddressesAreClaimedOrRefusedWithTheirOwner() throws {
        let members = #""ipRanges": [{"range": "10.20.0.0/24"}, {"range": "fd00:20::/64"}]"#
        let ask = #", "runtimeConfig": {"ips": ["10.20.0.9", "fd00:20::9"]}"#
        let add = try call("ADD", "a", members, pod: "web-0", beside: ask)
        #expect(add.addresses == ["10.20.0.9/24", "fd00:20::9/64"], "\(add)")
        let taken = try call("ADD", "b", members, beside: ask)
        #expect(taken.errorCode == 104, "\(taken)")
        for part in ["10.20.0.9", "default/web-0", "a/eth0"] { #expect(taken.errorText.contains(part), "\(taken)") }
        let other = try call("ADD", "b", members, arguments: ";IP=10.20.0.10/24,10.99.0.4/16")
        #expect(other.addresses == ["10.20.0.10/24", "fd00:20::1/64", "10.99.0.4/16"], "\(other)")
        #expect(try call("DEL", "a", members).status == 0)
        #expect(try call("ADD", "c", members, beside: ask).addresses == ["10.20.0.9/24", "fd00:20::9/64"])
    }

    @Test func podKeepsItsAddressOverARestart() throws {
        let members = #""range": "10.20.0.0/24", "retain": 600"#
        #expect(try call("ADD", "a", members, pod: "web-0").addresses == ["10.20.0.1/24"])
        #expect(try call("DEL", "a", members).status == 0)
        #expect(try call("ADD", "b", members, pod: "web-1").addresses == ["10.20.0.2/24"])
        #expect(try call("ADD", "c", members, pod: "web-0").addresses == ["10.20.0.1/24"])
    }

    @Test func addressThatWaitsForAPodIsRefusedWithoutABadAdvice() throws {
        let members = #""range": "10.20.0.0/24", "retain": 600"#
        #expect(try call("ADD", "a", members, pod: "web-0").addresses == ["10.20.0.1/24"])
        let ask = #", "runtimeConfig": {"ips": ["10.20.0.1"]}"#
        #expect(try call("ADD", "b", members, beside: ask).errorText.hasSuffix("or delete that container first"))
        #expect(try call("DEL", "a", members).status == 0)
        let refused = try call("ADD", "b", members, beside: ask)
        #expect(refused.errorCode == 104)
        #expect(refused.errorText.hasSuffix("; ask for another one, or wait until then"), "\(refused)")
    }

    @Test func rangeOfOneAddressHasNoPlural() throws {
        let members = #""range": "10.20.0.7/32""#
        #expect(try call("ADD", "a", members).addresses == ["10.20.0.7/32"])
        let full = try call("ADD", "b", members)
        #expect(full.errorText.contains("(1 address in the default network)"), "\(full)")
    }

    @Test func limitThatEndsAnAddIsNamed() throws {
        try etcd.freezeAndWait()
        let outcome = try call("ADD", "a", #""range": "10.20.0.0/24", "add_timeout": 1"#)
        let deleted = try call("DEL", "a", #""range": "10.20.0.0/24", "del_timeout": 1"#)
        etcd.thaw()
        #expect(outcome.errorCode == 11 && outcome.errorText.hasSuffix("; add_timeout, 1 s, has passed"), "\(outcome)")
        #expect(deleted.errorCode == 11 && deleted.errorText.hasSuffix("; del_timeout, 1 s, has passed"), "\(deleted)")
    }

    @Test func freedAddressWaits() throws {
        let members = #""range": "10.20.0.0/24", "reuse_delay": 600"#
        #expect(try call("ADD", "a", members).addresses == ["10.20.0.1/24"])
        #expect(try call("DEL", "a", members).status == 0)
        #expect(try call("ADD", "b", members).addresses == ["10.20.0.2/24"])
    }

    @Test func deleteEndsWellWhateverTheRuntimeAskedFor() throws {
        let members = #""range": "10.20.0.0/24", "gateway": "10.20.0.1""#
        #expect(try call("ADD", "a", members).addresses == ["10.20.0.2/24"])
        for (beside, arguments) in [
            (#", "runtimeConfig": {"ips": ["10.77.0.1"]}"#, ""), (#", "runtimeConfig": {"ips": 7}"#, ""),
            ("", ";IP=garbage"), ("", ";IP=10.20.0.1/24"), ("", ";GATEWAY=garbage"),
        ] {
            let add = try call("ADD", "b", members, beside: beside, arguments: arguments)
            #expect(add.errorCode == 7, "\(add)")
            #expect(try call("DEL", "b", members, beside: beside, arguments: arguments).status == 0)
        }
        #expect(try call("DEL", "a", members, arguments: ";IP=garbage").status == 0)
    }

    @Test func checkFindsEachAddressInItsRange() throws {
        let members = #"""
            "enable_overlapping_ranges": false, "ipRanges": [
              {"range": "10.20.0.0/16", "exclude": ["10.20.1.0/24"]}, {"range": "10.20.1.0/24"},
              {"range": "10.21.0.0/24", "include": ["10.21.0.7"]}, {"range": "10.21.0.0/24", "include": ["10.21.0.9"]}
            ]
            """#
        let add = try call("ADD", "a", members)
        #expect(add.addresses == ["10.20.0.1/16", "10.20.1.1/24", "10.21.0.7/24", "10.21.0.9/24"], "\(add)")
        let check = try call("CHECK", "a", members, beside: #", "prevResult": \#(add.output)"#)
        #expect(check.status == 0, "\(check)")
        let fewer = add.output.replacingOccurrences(
            of: #"{"address":"10.21.0.9/24"}"#,
            with: #"{"address":"10.99.0.9/24"}"#
        )
        #expect(fewer != add.output)
        #expect(try call("CHECK", "a", members, beside: #", "prevResult": \#(fewer)"#).errorCode == 103)
    }
}
