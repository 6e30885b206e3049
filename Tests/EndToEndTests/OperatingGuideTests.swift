import EtcdLab
import Foundation
import TestSupport
import Testing

/// The commands of docs/operating.md do what it says.
@Suite(.timeLimit(.minutes(5))) struct OperatingGuideTests {
    let etcd: EtcdServer
    let guide: [String]

    init() throws {
        etcd = try EtcdServer()
        guide = try Guide("docs/operating.md").blocks("sh")
    }

    private func call(_ command: String, _ container: String = "c1", pod: String = "web-0", retain: Int = 0) throws
        -> RunningProcess.Outcome
    {
        try Plugin.call(
            command,
            container: container,
            arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=\(pod)",
            configuration: Plugin.configuration(
                etcd: etcd.endpoint,
                version: "1.1.0",
                #""range": "10.20.0.0/24", "retain": \#(retain)"#,
                beside: #", "runtimeConfig": {"ips": ["10.20.0.7"]}"#
            )
        )
    }

    /// Runs blocks of the guide in one shell.
    private func run(_ blocks: Int...) throws -> String {
        let script = "set -euo pipefail\n" + blocks.map { guide[$0] }.joined(separator: "\n")
        let environment = [
            "ETCDCTL_API": "3", "ETCDCTL_ENDPOINTS": etcd.endpoint, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        let outcome = try RunningProcess("/bin/bash", ["-c", script], environment: environment).wait()
        #expect(outcome.status == 0, "\(outcome)")
        return outcome.output
    }

    @Test func anAddressIsFreedByHand() throws {
        #expect(guide.count == 4)
        #expect(try call("ADD").addresses == ["10.20.0.7/24"])
        #expect(try run(0).contains(#""containerID":"c1""#))
        #expect(try run(0, 2).contains("SUCCESS"))
        #expect(try etcd.allocationKeys().isEmpty)
        // Somebody else's is not freed.
        #expect(try call("ADD", "c2", pod: "web-1").addresses == ["10.20.0.7/24"])
        #expect(try run(0, 2).contains("FAILURE"))
        #expect(try etcd.allocationKeys().count == 4)
        #expect(try call("STATUS").status == 0)
    }

    @Test func aDELByHandFreesIt() throws {
        #expect(try call("ADD").addresses == ["10.20.0.7/24"])
        let configuration = try ScratchDirectory("operating")
        let text = Plugin.configuration(etcd: etcd.endpoint)
        try Data(text.utf8).write(to: configuration.url.appendingPathComponent("network.conf"))
        let command = guide[1].replacing("/opt/cni/bin/whereabouts", with: Plugin.path)
        let script = "cd '\(configuration.url.path)' && \(command)"
        #expect(try RunningProcess("/bin/bash", ["-c", script], environment: [:]).wait().status == 0)
        #expect(try etcd.allocationKeys().isEmpty)
    }

    @Test func aRetentionIsEndedByHand() throws {
        #expect(try call("ADD", retain: 3600).addresses == ["10.20.0.7/24"])
        #expect(try call("DEL", retain: 3600).status == 0)
        #expect(try etcd.allocationKeys().count == 3)
        #expect(try call("ADD", "c2", pod: "web-1", retain: 3600).errorCode == 104)
        // The names of container and pod are those of the block before, whose transaction finds nothing to do.
        #expect(try run(0, 2, 3).contains("SUCCESS"))
        #expect(try etcd.allocationKeys().isEmpty)
        #expect(try call("ADD", "c2", pod: "web-1", retain: 3600).addresses == ["10.20.0.7/24"])
        #expect(try call("STATUS").status == 0)
    }
}
