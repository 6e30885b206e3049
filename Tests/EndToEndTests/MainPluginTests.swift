import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// The reference main plugins in real network namespaces, which delegate to the built plugin.
@Suite(
    .serialized,
    .timeLimit(.minutes(15)),
    .enabled(if: Host.isRoot, "network namespaces need root"),
    .enabled(if: !Node.versions(of: "bridge").isEmpty, "containernetworking-plugins is not installed")
)
struct MainPluginTests {
    /// A main plugin and a version of CNI that ours speaks.
    struct Conversation: CustomTestStringConvertible {
        let plugin: String
        let version: String

        var testDescription: String { "\(plugin) \(version)" }
        var hasCheck: Bool { version >= "0.4.0" }

        /// Why it can't be held on this machine; nil when it can.
        var obstacle: Comment? {
            if Self.missingKinds.contains(plugin) {
                return "the kernel has no \(plugin)"
            }
            guard Self.versions[plugin]?.contains(version) == true else {
                return "the installed \(plugin) does not speak CNI \(version)"
            }
            return nil
        }

        static let all = plugins.flatMap { plugin in
            ourVersions.map { Conversation(plugin: plugin, version: $0) }
        }

        private static let plugins = ["bridge", "ptp", "macvlan", "ipvlan"]
        private static let versions = Dictionary(uniqueKeysWithValues: plugins.map { ($0, Node.versions(of: $0)) })
        private static let missingKinds = ["macvlan", "ipvlan"].filter { !Host.canStack($0) }

        private static var ourVersions: [String] {
            let outcome = try? RunningProcess(
                Plugin.path,
                environment: ["CNI_COMMAND": "VERSION"],
                input: Data(#"{"cniVersion": "1.0.0"}"#.utf8)
            ).wait()
            return outcome?.json?["supportedVersions"] as? [String] ?? []
        }
    }

    private let etcd: EtcdServer
    private let node: Node
    private let pods: [NetworkNamespace]

    init() throws {
        etcd = try EtcdServer()
        node = try Node()
        pods = [try NetworkNamespace("red"), try NetworkNamespace("blue")]
    }

    private func configuration(
        _ plugin: String,
        version: String = "1.0.0",
        ipam: [String: Any] = ["range": "10.71.0.0/24", "gateway": "10.71.0.1"]
    ) -> [String: Any] {
        var configuration: [String: Any] = ["cniVersion": version, "name": "lab", "type": plugin]
        switch plugin {
        case "bridge": configuration.merge(["bridge": "wbt0", "isGateway": true]) { $1 }
        case "macvlan", "ipvlan": configuration["master"] = "uplink"
        default: break
        }
        // The default journal is this machine's.
        let common = ["type": "whereabouts", "etcd_host": etcd.endpoint, "release_journal": "none"]
        configuration["ipam"] = (common as [String: Any]).merging(ipam) { $1 }
        return configuration
    }

    /// Ends the test where the conversation can't be held, and gives the node what the plugin needs.
    private func prepare(for conversation: Conversation) throws {
        if let obstacle = conversation.obstacle {
            try Test.cancel(obstacle)
        }
        try makeUplink(for: conversation.plugin)
    }

    private func makeUplink(for plugin: String) throws {
        guard ["macvlan", "ipvlan"].contains(plugin) else { return }
        try node.namespace.ip("link", "add", "uplink", "type", "veth", "peer", "name", "switch")
        try node.namespace.ip("link", "set", "uplink", "up")
        try node.namespace.ip("link", "set", "switch", "up")
    }

    /// Attaches a pod, and compares the result with what the kernel has.
    private func attach(_ pod: NetworkNamespace, _ configuration: [String: Any]) throws -> Attached {
        let plugin = try #require(configuration["type"] as? String)
        let outcome = try node.call("ADD", plugin, pod: pod, configuration: configuration)
        #expect(outcome.status == 0, "\(outcome)")
        let attached = Attached(result: try #require(outcome.json))
        #expect(try pod.addresses() == attached.addresses)
        return attached
    }

    @Test(arguments: Conversation.all) func podsReachEachOtherAndGiveTheirAddressesBack(_ case: Conversation) throws {
        try prepare(for: `case`)
        var configuration = configuration(`case`.plugin, version: `case`.version)
        let attached = try pods.map { try attach($0, configuration) }
        #expect(attached.map(\.addresses) == [["10.71.0.2/24"], ["10.71.0.3/24"]])
        for attached in attached {
            attached.expectShape(of: `case`.version, families: ["4"])
        }
        #expect(try etcd.addressKeys().count == 2)
        #expect(try pods[0].reaches("10.71.0.3"))
        #expect(try pods[1].reaches("10.71.0.2"))

        for (pod, attached) in zip(pods, attached) {
            configuration["prevResult"] = attached.result
            let checked = try node.call("CHECK", `case`.plugin, pod: pod, configuration: configuration)
            #expect(checked.status == (`case`.hasCheck ? 0 : 1), "\(checked)")
            #expect(checked.errorCode == (`case`.hasCheck ? nil : 1), "\(checked)")
        }
        for _ in 1...2 {
            for pod in pods {
                let deleted = try node.call("DEL", `case`.plugin, pod: pod, configuration: configuration)
                #expect(deleted.status == 0, "\(deleted)")
                #expect(try pod.addresses().isEmpty)
            }
            #expect(try etcd.allocationKeys().isEmpty)
        }
    }

    /// Not under ptp, which demands a gateway of each family, while `gateway` is one address.
    @Test(arguments: Conversation.all.filter { $0.plugin != "ptp" })
    func bothFamiliesReachTheInterface(_ case: Conversation) throws {
        try prepare(for: `case`)
        let configuration = configuration(
            `case`.plugin,
            version: `case`.version,
            // The first addresses are those of the node.
            ipam: [
                "gateway": "10.71.0.1", "ipRanges": [["range": "10.71.0.0/24"], ["range": "fd00:71::2-fd00:71::9/64"]],
            ]
        )
        let attached = try attach(pods[0], configuration)
        #expect(attached.addresses == ["10.71.0.2/24", "fd00:71::2/64"])
        attached.expectShape(of: `case`.version, families: ["4", "6"])
        let deleted = try node.call("DEL", `case`.plugin, pod: pods[0], configuration: configuration)
        #expect(deleted.status == 0, "\(deleted)")
        #expect(try etcd.allocationKeys().isEmpty)
    }

    @Test(arguments: Conversation.all.filter(\.hasCheck)) func checkFailsWithoutTheRecord(_ case: Conversation) throws {
        try prepare(for: `case`)
        var configuration = configuration(`case`.plugin, version: `case`.version)
        let attached = try pods.map { try attach($0, configuration) }
        let lost = try #require(try etcd.addressKeys().first)
        #expect(lost.description.hasSuffix("/010.071.000.002"))
        try etcd.client().deleteRange(DeleteRangeRequest(.single(lost)), deadline: .after(.seconds(10)))

        let checks = try zip(pods, attached).map { pod, attached in
            configuration["prevResult"] = attached.result
            return try node.call("CHECK", `case`.plugin, pod: pod, configuration: configuration)
        }
        #expect(checks[0].status != 0)
        #expect(checks[0].errorCode == 103)
        #expect(checks[0].errorText.contains("10.71.0.2"))
        #expect(checks[1].status == 0, "\(checks[1])")

        for pod in pods {
            let deleted = try node.call("DEL", `case`.plugin, pod: pod, configuration: configuration)
            #expect(deleted.status == 0, "\(deleted)")
        }
        #expect(try etcd.addressKeys().isEmpty)
    }

    @Test func bridgeGivesBothFamilies() throws {
        let configuration = configuration(
            "bridge",
            ipam: [
                // The bridge takes the first address of each network for itself.
                "gateway": "10.71.0.1",
                "ipRanges": [
                    ["range": "10.71.0.0/24"], ["range": "fd00:71::/64", "exclude": ["fd00:71::1/128"]],
                ],
            ]
        )
        let attached = try pods.map { try attach($0, configuration) }
        #expect(attached[0].addresses == ["10.71.0.2/24", "fd00:71::2/64"])
        #expect(attached[1].addresses == ["10.71.0.3/24", "fd00:71::3/64"])
        #expect(try etcd.addressKeys().count == 4)
        for address in ["10.71.0.3", "fd00:71::3", "10.71.0.1", "fd00:71::1"] {
            #expect(try pods[0].reaches(address), "\(address)")
        }
        for pod in pods {
            let deleted = try node.call("DEL", "bridge", pod: pod, configuration: configuration)
            #expect(deleted.status == 0, "\(deleted)")
        }
        #expect(try etcd.allocationKeys().isEmpty)
    }

    /// Each family leaves by its own gateway.
    @Test func ptpGivesBothFamiliesTheirDefaultRoutes() throws {
        let configuration = configuration(
            "ptp",
            ipam: [
                "ipRanges": [
                    ["range": "10.71.0.0/24", "gateway": "10.71.0.1"],
                    ["range": "fd00:71::/64", "gateway": "fd00:71::1"],
                ],
                "routes": [["dst": "0.0.0.0/0"], ["dst": "::/0"]],
            ]
        )
        let attached = try pods.map { try attach($0, configuration) }
        #expect(attached.map(\.addresses) == [["10.71.0.2/24", "fd00:71::2/64"], ["10.71.0.3/24", "fd00:71::3/64"]])
        #expect(try pods[0].ip("-4", "route", "show", "default").contains("default via 10.71.0.1 dev eth0"))
        #expect(try pods[0].ip("-6", "route", "show", "default").contains("default via fd00:71::1 dev eth0"))
        for address in ["10.71.0.1", "fd00:71::1"] {
            #expect(try pods[0].reaches(address), "\(address)")
        }
        for pod in pods {
            #expect(try node.call("DEL", "ptp", pod: pod, configuration: configuration).status == 0)
        }
        #expect(try etcd.allocationKeys().isEmpty)
    }

    /// The second network of a group has a gateway of its own.
    ///
    /// The bridge is none: it would take one IPv4 address only.
    @Test func bridgeGivesEachNetworkOfAGroupItsGateway() throws {
        var configuration = configuration(
            "bridge",
            ipam: [
                "gateway": "10.71.0.1",
                "ipRanges": [
                    ["ranges": ["10.71.0.0/30", ["range": "10.72.0.0/24", "gateway": "10.72.0.1"]] as [Any]]
                ],
                "routes": [["dst": "0.0.0.0/0"]],
            ]
        )
        configuration["isGateway"] = false
        let attached = try pods.map { try attach($0, configuration) }
        #expect(attached.map(\.addresses) == [["10.71.0.2/30"], ["10.72.0.2/24"]])
        try node.namespace.ip("address", "add", "10.71.0.1/30", "dev", "wbt0")
        try node.namespace.ip("address", "add", "10.72.0.1/24", "dev", "wbt0")
        for (pod, gateway) in zip(pods, ["10.71.0.1", "10.72.0.1"]) {
            #expect(try pod.ip("-4", "route", "show", "default").contains("default via \(gateway) dev eth0"))
            #expect(try pod.reaches(gateway))
            #expect(try node.call("DEL", "bridge", pod: pod, configuration: configuration).status == 0)
        }
        #expect(try etcd.allocationKeys().isEmpty)
    }

    @Test func bridgeHandsOnThatTheRangeIsFull() throws {
        let configuration = configuration("bridge", ipam: ["range": "10.71.0.0/30", "gateway": "10.71.0.1"])
        #expect(try attach(pods[0], configuration).addresses == ["10.71.0.2/30"])
        let refused = try node.call("ADD", "bridge", pod: pods[1], configuration: configuration)
        #expect(refused.status != 0)
        #expect(refused.errorCode == 100)
        #expect(refused.errorText.contains("10.71.0.0/30"), "\(refused)")
        #expect(try etcd.addressKeys().count == 1)
    }
}

/// The result of an ADD.
private struct Attached {
    let result: [String: Any]

    /// The addresses with their prefix lengths, in the form of any CNI version.
    var addresses: [String] {
        if let ips = result["ips"] as? [[String: Any]] {
            return ips.compactMap { $0["address"] as? String }
        }
        return ["ip4", "ip6"].compactMap { (result[$0] as? [String: Any])?["ip"] as? String }
    }

    /// Expects the keys that a version has for addresses (CNI spec section 5, "ADD Success"), and no others.
    func expectShape(of version: String, families: [String]) {
        #expect(result["cniVersion"] as? String == version)
        guard version >= "0.3.0" else {
            #expect(["ip4", "ip6"].filter { result[$0] != nil } == families.map { "ip\($0)" })
            #expect(result["ips"] == nil && result["interfaces"] == nil)
            return
        }
        let ips = result["ips"] as? [[String: Any]] ?? []
        #expect(result["ip4"] == nil && result["ip6"] == nil)
        #expect((result["interfaces"] as? [[String: Any]])?.contains { $0["name"] as? String == "eth0" } == true)
        #expect(ips.map { $0["version"] as? String } == families.map { version < "1.0.0" ? $0 : nil })
        #expect(ips.allSatisfy { $0["interface"] is Int })
        #expect(ips.first?["gateway"] as? String == "10.71.0.1")
    }
}
