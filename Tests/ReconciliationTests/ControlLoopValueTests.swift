import CNI
import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import KubernetesClient
import SystemPackage
import TestSupport
import Testing

@testable import ControlLoop
@testable import Whereabouts

/// What the control loop is made of, part by part.
struct ControlLoopValueTests {
    @Test func metricsAreEscapedAndSummedUp() {
        var text = MetricsText()
        text.add(.gauge, "a_size", "Sizes.", [([("name", "x\\y\"z\nw")], "1"), ([], "2")])
        text.add(.counter, "nothing_total", "Nothing.", [])
        var histogram = LatencyHistogram()
        for milliseconds in [1, 2, 3, 70_000] { histogram.observe(.milliseconds(milliseconds)) }
        text.add("a_time_seconds", "Times.", "operation", [("list", histogram)])
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(4) == [
                "# HELP a_size Sizes.", "# TYPE a_size gauge", #"a_size{name="x\\y\"z\nw"} 1"#, "a_size 2",
            ]
        )
        #expect(!text.text.contains("nothing"))
        #expect(lines.contains(#"a_time_seconds_bucket{operation="list",le="0.002"} 2"#))
        #expect(lines.contains(#"a_time_seconds_bucket{operation="list",le="0.005"} 3"#))
        #expect(lines.contains(#"a_time_seconds_bucket{operation="list",le="60.0"} 3"#))
        #expect(lines.contains(#"a_time_seconds_bucket{operation="list",le="+Inf"} 4"#))
        #expect(lines.contains(#"a_time_seconds_count{operation="list"} 4"#))
    }

    @Test(arguments: [
        ("127.0.0.1:9742", "127.0.0.1", 9742), ("[::1]:0", "::1", 0), ("0.0.0.0:65535", "0.0.0.0", 65535),
    ]) func addressesToListenOnAreRead(text: String, address: String, port: UInt16) throws {
        let listen = try #require(ListenAddress(text))
        #expect(listen.address.description == address)
        #expect(listen.port == port)
    }

    @Test(arguments: [
        "", "9742", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "[::1]", "localhost:80", "127.0.0.1:-1",
    ])
    func otherTextsAreNone(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func theRuntimesCacheIsSearchedByContainer() throws {
        let scratch = try ScratchDirectory("cache")
        let (first, second) = (scratch.path("first"), scratch.path("second"))
        for directory in [first, second] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        try Data().write(to: URL(fileURLWithPath: "\(second)/lab-0123abcd-eth0"))
        try Data().write(to: URL(fileURLWithPath: "\(second)/a-network-4567-eth0-vlan"))
        let cache = RuntimeCache([first, second, scratch.path("missing")])
        #expect(cache.obstacle == nil)
        #expect(cache.names("0123abcd") && cache.names("4567"))
        #expect(!cache.names("0123abc") && !cache.names("0123abce") && !cache.names(""))
        let unreadable = RuntimeCache([first, "\(second)/lab-0123abcd-eth0"])
        #expect(unreadable.obstacle != nil)
    }

    @Test func callsAreCountedOnceSomebodyAsks() throws {
        let scratch = try ScratchDirectory("calls")
        let tally = CallTally(directory: FilePath(scratch.path("calls")))
        tally.note(.add, nil)
        #expect(tally.entries().isEmpty)
        try tally.begin()
        #expect(tally.entries().isEmpty)
        for _ in 0..<3 { tally.note(.add, nil) }
        tally.note(.add, .rangeFull)
        tally.note(.delete, .tryAgainLater)
        try Data("x".utf8).write(to: URL(fileURLWithPath: scratch.path("calls/of-another-kind")))
        #expect(
            tally.entries() == [
                CallTally.Entry(command: "ADD", code: 100, count: 1),
                CallTally.Entry(command: "ADD", code: nil, count: 3),
                CallTally.Entry(command: "DEL", code: 11, count: 1),
            ]
        )
    }

    @Test func aStrandedOneIsAsOldAsItsVersion() {
        func allocation(_ version: String, _ last: UInt32 = 1) throws -> StoredAllocation {
            StoredAllocation(
                place: AllocationPlace(domain: "default", address: try IPAddress("10.0.0.\(last)")),
                owner: AllocationOwner(
                    attachment: Attachment(containerID: "c", interfaceName: "eth0"),
                    pod: nil,
                    node: "node-a",
                    network: "lab"
                ),
                podUID: nil,
                created: nil,
                retainedUntil: nil,
                version: version
            )
        }
        #expect(throws: Never.self) {
            var candidates = NodeCandidates()
            #expect(candidates.note(try allocation("1")) == 0)
            Thread.sleep(forTimeInterval: 1.1)
            #expect(candidates.note(try allocation("1")) >= 1)
            #expect(candidates.oldestAge >= 1)
            #expect(candidates.note(try allocation("2", 2)) == 0)
            #expect(candidates.count == 2)
            // It was changed, so that what was seen of it before does not count.
            #expect(candidates.note(try allocation("2")) == 0)
            candidates.retain([try allocation("2", 2).place])
            #expect(candidates.count == 1)
            candidates.forget(try allocation("2", 2).place)
            #expect(candidates.oldestAge == 0)
        }
    }

    @Test func aKubeconfigWithoutATokenIsRefused() throws {
        let scratch = try ScratchDirectory("kubeconfig")
        let path = scratch.path("config")
        try Data(
            """
            apiVersion: v1
            kind: Config
            current-context: c
            clusters: [{name: k, cluster: {server: "https://10.0.0.1:6443", insecure-skip-tls-verify: true}}]
            users: [{name: u, user: {}}]
            contexts: [{name: c, context: {cluster: k, user: u}}]
            """.utf8
        ).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: KubernetesError.self) {
            _ = try Kubeconfig.text(of: path, token: Secret("t"))
        }
        #expect(error?.description.contains("has no token in it") ?? false)
    }

    @Test func onlyTheTokenAndAKnownAuthorityAreReplaced() throws {
        let scratch = try ScratchDirectory("kubeconfig")
        let path = scratch.path("config")
        let (old, new) = (try pem("ca.crt"), try pem("server-ecdsa.crt"))
        func write(token: String, _ more: String = "") throws {
            let text = """
                # Written by install-cni.sh.
                current-context: c
                clusters: [{name: k, cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: \(Data(old).base64EncodedString())}}]
                users:
                  - name: u
                    user: {token: "\(token)"}
                contexts: [{name: c, context: {cluster: k, user: u}}]\(more)
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        try write(token: "a.b")
        #expect(try Kubeconfig.text(of: path, token: Secret("a.b")) == nil)
        #expect(try Kubeconfig.text(of: path, token: Secret("c.d")) == text().replacing("a.b", with: "c.d"))
        let both = try Kubeconfig.text(of: path, token: Secret("c.d"), authority: (old, new))
        #expect(both?.contains(Data(new).base64EncodedString()) ?? false)
        // An authority of the operator's own stays.
        #expect(try Kubeconfig.text(of: path, token: Secret("a.b"), authority: (new, old)) == nil)
        // A token that stands elsewhere too, or in another form, would be lost.
        try write(token: "cluster")
        #expect(throws: KubernetesError.self) { try Kubeconfig.text(of: path, token: Secret("c.d")) }
        try write(token: #"a\u002eb"#)
        let error = #expect(throws: KubernetesError.self) { try Kubeconfig.text(of: path, token: Secret("c.d")) }
        #expect(error?.description.contains("more than once, or not in one line") ?? false)
    }

    private func pem(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Checkout.root.appendingPathComponent("tls-fixtures/\(name)")))
    }
}
