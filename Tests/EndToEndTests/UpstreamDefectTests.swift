import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// What upstream whereabouts gets wrong (docs/migrating.md lists it) goes right, by the built plugin and a real etcd.
@Suite(.timeLimit(.minutes(10))) struct UpstreamDefectTests {
    let etcd: EtcdServer

    init() throws {
        etcd = try EtcdServer()
    }

    private func call(
        _ command: String,
        _ container: String,
        _ members: String,
        interface: String = "eth0",
        arguments: String = "",
        environment: [String: String] = [:]
    ) throws -> RunningProcess.Outcome {
        try Plugin.call(
            command,
            container: container,
            interface: interface,
            arguments: arguments,
            environment: environment,
            configuration: Plugin.configuration(etcd: etcd.endpoint, members)
        )
    }

    /// The addresses that containers get one after the other, without prefix lengths, until one gets none.
    private func addresses(of members: String, atMost limit: Int = 5) throws -> [String] {
        var addresses: [String] = []
        for index in 0..<limit {
            let outcome = try call("ADD", "c\(index)", members)
            guard outcome.errorCode != 100 else { break }
            #expect(outcome.status == 0, "\(outcome)")
            addresses += outcome.addresses.compactMap { $0.split(separator: "/").first.map(String.init) }
        }
        #expect(try etcd.addressKeys().count == addresses.count)
        return addresses
    }

    // MARK: - Records

    @Test func deleteFreesEveryRangeThoughTheRecordOfOneIsGone() throws {
        let members = #""ipRanges": [{"range": "10.20.0.0/24"}, {"range": "fd00:20::/64"}]"#
        #expect(try call("ADD", "c1", members).addresses == ["10.20.0.1/24", "fd00:20::1/64"])
        let first = try #require(try etcd.addressKeys().first { $0.description.contains("/ipv4/") })
        try etcd.client().deleteRange(DeleteRangeRequest(.single(first)), deadline: .after(.seconds(10)))
        #expect(try call("DEL", "c1", members).status == 0)
        #expect(try etcd.allocationKeys().isEmpty)
    }

    @Test func interfacesOfAPodMayBeAddedAtOnce() throws {
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=lab;K8S_POD_NAME=web-0"
        let adds = try (0..<8).map {
            try Plugin.start(
                "ADD",
                container: "c1",
                interface: "net\($0)",
                arguments: arguments,
                configuration: configuration
            )
        }
        let addresses = try adds.flatMap { try $0.wait().addresses }
        #expect(Set(addresses) == Set((1...8).map { "10.20.0.\($0)/24" }))
        #expect(try etcd.addressKeys().count == 8)
    }

    @Test func recordsOfTheEtcdBackendOf2022AreLeftAlone() throws {
        let client = try etcd.client()
        let old = PutRequest("/whereabouts/10.20.0.0/24", "10.20.0.1 c0")
        try client.put(old, deadline: .after(.seconds(10)))
        #expect(try call("ADD", "c1", #""range": "10.20.0.0/24""#).addresses == ["10.20.0.1/24"])
        #expect(try call("DEL", "c1", #""range": "10.20.0.0/24""#).status == 0)
        let kept = try client.range(RangeRequest(.single("/whereabouts/10.20.0.0/24")), deadline: .after(.seconds(10)))
        #expect(kept.keyValues.map { String(decoding: $0.value, as: UTF8.self) } == ["10.20.0.1 c0"])
    }

    // MARK: - Ranges

    @Test func aBadExclusionIsRefusedBeforeEtcdIsAsked() throws {
        etcd.stop()
        let members = #""range": "10.20.0.0/24", "exclude": ["10.20.0.300/32"]"#
        let outcome = try call("ADD", "c1", members)
        #expect(outcome.errorCode == 7)
        #expect(outcome.errorText.contains(#"exclude[0]: "10.20.0.300/32""#), "\(outcome)")
        // What is freed does not depend on it.
        #expect(try call("DEL", "c1", members).errorCode == 11)
    }

    @Test func anIPv6RangeGoesOnBehindAGroupThatIsFull() throws {
        let range = #""range": "fd00:20::1:fffe-fd00:20::2:1/64""#
        #expect(
            try addresses(of: range) == ["fd00:20::1:fffe", "fd00:20::1:ffff", "fd00:20::2:0", "fd00:20::2:1"]
        )
    }

    @Test func theUpperHalfOfAnIPv6NetworkIsRecorded() throws {
        let range = #""range": "fd00:20::/64", "range_start": "fd00:20::ffff:ffff:ffff:fffc""#
        #expect(
            try addresses(of: range)
                == ["fd00:20::ffff:ffff:ffff:fffc", "fd00:20::ffff:ffff:ffff:fffd", "fd00:20::ffff:ffff:ffff:fffe"]
        )
    }

    @Test func theLastAddressesOfIPv4AreGivenOut() throws {
        let range = #""range": "0.0.0.0/0", "range_start": "255.255.255.253""#
        #expect(try addresses(of: range) == ["255.255.255.253", "255.255.255.254"])
    }

    @Test func addressesThatEndInZeroAreGivenOutInsideOfANetwork() throws {
        let range = #""range": "10.20.0.255-10.20.1.1/16""#
        #expect(try addresses(of: range) == ["10.20.0.255", "10.20.1.0", "10.20.1.1"])
    }

    @Test(arguments: [
        ("10.20.0.4/31", ["10.20.0.4", "10.20.0.5"]), ("10.20.0.4/32", ["10.20.0.4"]),
        ("fd00:20::4/127", ["fd00:20::4", "fd00:20::5"]), ("fd00:20::4/128", ["fd00:20::4"]),
    ])
    func theSmallestNetworksAreUsable(range: String, expected: [String]) throws {
        #expect(try addresses(of: "\"range\": \"\(range)\"") == expected)
    }

    @Test func theGatewayIsNotGivenToAPod() throws {
        let outcome = try call("ADD", "c1", #""range": "10.20.0.0/24", "gateway": "10.20.0.1""#)
        #expect(outcome.addresses == ["10.20.0.2/24"])
    }

    // MARK: - Around the plugin

    @Test func noFlatFileIsNeeded() throws {
        let outcome = try call("ADD", "c1", #""range": "10.20.0.0/24", "configuration_path": "/none/whereabouts.conf""#)
        #expect(outcome.addresses == ["10.20.0.1/24"])
    }

    /// Upstream's library looks at CNI_NETNS behind the ADD, and fails it with the address allocated.
    @Test func anAddDoesNotFailBehindItsAllocation() throws {
        for namespace in ["/proc/self/ns/net", "/none"] {
            let outcome = try call("ADD", "c1", #""range": "10.20.0.0/24""#, environment: ["CNI_NETNS": namespace])
            #expect(outcome.addresses == ["10.20.0.1/24"], "\(outcome)")
        }
        #expect(try etcd.addressKeys().count == 1)
    }

    @Test func anAddNeedsNoPod() throws {
        #expect(try call("ADD", "c1", #""range": "10.20.0.0/24""#).addresses == ["10.20.0.1/24"])
        let strict = try call("ADD", "c2", #""range": "10.20.0.0/24""#, arguments: "K8S_POD_UID=u1")
        #expect(strict.addresses == ["10.20.0.2/24"])
    }
}
