import EtcdLab
import Foundation
import TestSupport
import Testing

/// A DEL ends well whatever is wrong with the parts of a configuration that a release does without.
@Suite(.timeLimit(.minutes(10))) struct ReleaseConfigurationTests {
    let etcd: EtcdServer
    let scratch: ScratchDirectory

    init() throws {
        etcd = try EtcdServer()
        scratch = try ScratchDirectory("release")
    }

    private func configuration(_ members: String, beside: String = "") -> String {
        let log = #""log_file": "\#(scratch.path("log"))", "log_level": "error""#
        let range = #""range": "10.20.0.0/24""#
        return Plugin.configuration(
            etcd: etcd.endpoint,
            version: "1.1.0",
            [log, range, members].filter { !$0.isEmpty }.joined(separator: ", "),
            beside: beside
        )
    }

    private func call(_ command: String, _ members: String) throws -> RunningProcess.Outcome {
        let beside = command == "GC" ? #", "cni.dev/valid-attachments": []"# : ""
        return try Plugin.call(command, container: "c1", configuration: configuration(members, beside: beside))
    }

    /// Members that an ADD refuses, each with the key that it names.
    static let wrong = [
        (#""log_level": "chatty""#, "log_level"), (#""gateway": "10.20.0""#, "gateway"),
        (#""exclude": ["x"]"#, "exclude[0]"),
        (#""exclude": "10.20.0.1""#, "exclude"), (#""range": "10.20.0.0/33""#, "range"), (#""range": null"#, "range"),
        (#""range": 7"#, "range"), (#""range_start": "ten""#, "range_start"),
        (#""ipRanges": [{"range": "10.20.0.128/25"}]"#, "ipRanges[0].range"),
        (#""ipRanges": {}"#, "ipRanges"), (#""routes": [{}]"#, "routes[0].dst"),
        (#""addresses": [{"address": "x"}]"#, "addresses[0].address"), (#""dns": []"#, "dns"),
        (#""add_timeout": -1"#, "add_timeout"),
        (#""enable_overlapping_ranges": "no""#, "enable_overlapping_ranges"), (#""reuse_delay": -1"#, "reuse_delay"),
        (#""allocation_strategy": "random""#, "allocation_strategy"), (#""sleep_for_race": 4711"#, "sleep_for_race"),
        (#""node_slice_size": 22"#, "node_slice_size"), (#""kubernetes": "x""#, "kubernetes"),
    ]

    @Test(arguments: wrong, ["DEL", "GC"]) func aReleaseDoesWithoutWhatIsWrong(row: (String, String), command: String)
        throws
    {
        let (members, key) = row
        #expect(try call("ADD", "").addresses == ["10.20.0.1/24"])
        let refused = try call("ADD", members)
        #expect(refused.errorCode == 7)
        #expect(refused.errorText.contains("\(key)"), "\(refused)")
        #expect(try call("STATUS", members).errorCode == 7)
        #expect(try etcd.addressKeys().count == 1)
        // GC spares what was made in the second of its call.
        if command == "GC" { Thread.sleep(forTimeInterval: 1.1) }
        let released = try call(command, members)
        #expect(released.status == 0 && released.output.isEmpty && released.errors.isEmpty, "\(released)")
        #expect(try etcd.allocationKeys().isEmpty)
        let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
        #expect(log.contains("of which a release needs other parts only: \(key)"), "\(log)")
    }

    /// The addresses of old versions are too many for the result, which a release has none of.
    @Test func aReleaseDoesNotMindTheVersionOfTheResult() throws {
        let range = #""range": "10.20.0.0/24", "ipRanges": [{"range": "10.21.0.0/24"}]"#
        let old = Plugin.configuration(etcd: etcd.endpoint, version: "0.2.0", range)
        #expect(try Plugin.call("ADD", container: "c1", configuration: old).errorCode == 7)
        #expect(try Plugin.call("DEL", container: "c1", configuration: old).status == 0)
    }

    @Test(arguments: [
        (#""datastore": "kubernetes""#, "datastore"), (#""etcd_host": "a:x""#, "etcd_host"),
        (#""retain": -1"#, "retain"),
        (#""etcd_username": "whereabouts""#, "etcd_password"), (#""del_timeout": 0.5"#, "del_timeout"),
        (#""network_name": 7"#, "network_name"), (#""release_journal": "releases""#, "release_journal"),
        (#""etcd_ca_cert_file": "/none/ca.crt""#, "etcd_ca_cert_file"),
    ])
    func whatAReleaseNeedsMustBeRight(members: String, key: String) throws {
        // Something else that is wrong comes first, and does not hide it.
        for more in ["", #""gateway": "10.20", "#] {
            let outcome = try call("DEL", more + members)
            #expect(outcome.errorCode == 7, "\(outcome)")
            #expect(outcome.errorText.contains(key), "\(outcome)")
        }
    }

    @Test func aReleaseDoesWithoutWhatIsWrongInTheFlatFile() throws {
        let flatFile = scratch.path("whereabouts.conf")
        let good = #""etcd_host": "\#(etcd.endpoint)", "release_journal": "none", "range": "10.20.0.0/24""#
        let network =
            #"{"cniVersion": "1.0.0", "name": "lab", "ipam": {"type": "whereabouts", "configuration_path": "\#(flatFile)"}}"#
        func call(_ command: String, _ more: String) throws -> RunningProcess.Outcome {
            try Data("{\(good)\(more)}".utf8).write(to: URL(fileURLWithPath: flatFile))
            return try Plugin.call(command, container: "c1", configuration: network)
        }
        for more in [#", "gateway": "10.20""#, #", "dns": 7"#, #", "log_level": "loud""#] {
            #expect(try call("ADD", "").addresses == ["10.20.0.1/24"])
            #expect(try call("ADD", more).errorCode == 7)
            #expect(try call("DEL", more).status == 0)
            #expect(try etcd.allocationKeys().isEmpty)
        }
        #expect(try call("DEL", ", ").errorCode == 7)
    }
}
