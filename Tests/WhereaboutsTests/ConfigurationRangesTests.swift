import CNI
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// From the ranges of a configuration to the pools, and how the parts of the configuration bear on each other.
@Suite struct ConfigurationRangesTests {
    static func pools(_ members: String, version: CNIVersion = .v100) throws -> [String] {
        try ConfigurationLoader.load(members, version: version).demands.map { demand in
            "\(demand.pool.range) \(demand.pool.allocatable)"
        }
    }

    @Test(arguments: [
        (#""range": "192.168.2.225/28""#, ["192.168.2.224/28 [192.168.2.225-192.168.2.238]"]),
        (#""range": "10.1.0.10-10.1.0.20/24""#, ["10.1.0.0/24 [10.1.0.10-10.1.0.20]"]),
        (#""range": "2001:db8::10-2001:db8::1f/64""#, ["2001:db8::/64 [2001:db8::10-2001:db8::1f]"]),
        // The form with both ends overrides start and end.
        (
            #""range": "10.1.0.10-10.1.0.20/24", "range_start": "10.1.0.1", "range_end": "10.1.0.30""#,
            ["10.1.0.0/24 [10.1.0.10-10.1.0.20]"]
        ),
        (
            #""range": "10.1.0.0/24", "range_start": "10.1.0.5", "range_end": "10.1.0.9", "exclude": ["10.1.0.6/31"]"#,
            ["10.1.0.0/24 [10.1.0.5, 10.1.0.8-10.1.0.9]"]
        ),
        // Start, end and exclusions of the top level are of its range alone.
        (
            #""range": "10.1.0.0/24", "range_start": "10.1.0.250", "ipRanges": [{"range": "10.2.0.0/24"}]"#,
            ["10.1.0.0/24 [10.1.0.250-10.1.0.254]", "10.2.0.0/24 [10.2.0.1-10.2.0.254]"]
        ),
        (
            #""exclude": ["fd00::/65"], "ipRanges": [{"range": "fd00::/64"}]"#,
            ["10.0.0.0/24 [10.0.0.1-10.0.0.254]", "fd00::/64 [fd00::1-fd00::ffff:ffff:ffff:fffe]"]
        ),
        (
            """
            "range": null, "ipRanges": [{"range": "10.2.0.0/24", "range_start": "10.2.0.9", "range_end": "10.2.0.9"}, \
            {"range": "fd00::/64", "exclude": ["fd00::/65"]}]
            """,
            ["10.2.0.0/24 [10.2.0.9]", "fd00::/64 [fd00::8000:0:0:0-fd00::ffff:ffff:ffff:fffe]"]
        ),
        (
            #""ipRanges": [{"range": "10.2.0.0/30"}, {"range": "10.2.0.4/30"}]"#,
            ["10.0.0.0/24 [10.0.0.1-10.0.0.254]", "10.2.0.0/30 [10.2.0.1-10.2.0.2]", "10.2.0.4/30 [10.2.0.5-10.2.0.6]"]
        ),
        // One network, its addresses shared out among two ranges.
        (
            #""range": "10.1.0.0/24", "range_end": "10.1.0.9", "ipRanges": [{"range": "10.1.0.10-10.1.0.20/24"}]"#,
            ["10.1.0.0/24 [10.1.0.1-10.1.0.9]", "10.1.0.0/24 [10.1.0.10-10.1.0.20]"]
        ),
        // Leading zeros.
        (#""range": "192.168.001.000/24""#, ["192.168.1.0/24 [192.168.1.1-192.168.1.254]"]),
        (#""range": "192.168.001.005-192.168.001.007/24""#, ["192.168.1.0/24 [192.168.1.5-192.168.1.7]"]),
        (
            #""range": "10.1.0.0/24", "range_start": "010.001.000.008", "range_end": "010.001.000.009""#,
            ["10.1.0.0/24 [10.1.0.8-10.1.0.9]"]
        ),
        (#""range": null, "ipRanges": [{"range": "010.002.000.000/30"}]"#, ["10.2.0.0/30 [10.2.0.1-10.2.0.2]"]),
    ])
    func rangesBecomePoolsInOrder(members: String, pools: [String]) throws {
        #expect(try Self.pools(members) == pools)
    }

    @Test(arguments: [
        (#""gateway": "10.0.0.1""#, "[10.0.0.2-10.0.0.254]"),
        (#""gateway": "010.000.000.001""#, "[10.0.0.2-10.0.0.254]"),
        (#""gateway": "10.0.0.254", "exclude": ["10.0.0.253"]"#, "[10.0.0.1-10.0.0.252]"),
        (#""gateway": "10.9.0.1""#, "[10.0.0.1-10.0.0.254]"),
        (#""gateway": "fd00::1""#, "[10.0.0.1-10.0.0.254]"),
        (
            #""addresses": [{"address": "10.0.0.1/24", "gateway": "10.0.0.9"}, {"address": "10.0.0.4/32"}]"#,
            "[10.0.0.2-10.0.0.3, 10.0.0.5-10.0.0.254]"
        ),
        (#""gateway": "10.0.0.1", "addresses": [{"address": "10.0.0.2/24"}]"#, "[10.0.0.3-10.0.0.254]"),
    ])
    func theGatewayAndStaticAddressesAreNotGivenOut(members: String, allocatable: String) throws {
        #expect(try Self.pools(members) == ["10.0.0.0/24 \(allocatable)"])
    }

    @Test(arguments: [
        (#""ipRanges": [{"range": "10.0.0.0/24"}]"#, "ipRanges[0].range", "range (10.0.0.0/24)"),
        (
            #""ipRanges": [{"range": "fd00::/64"}, {"range": "10.0.0.128/25"}]"#, "ipRanges[1].range",
            "range (10.0.0.0/24)"
        ),
        (
            #""ipRanges": [{"range": "fd00::/64"}, {"range": "fd00::/48"}]"#,
            "ipRanges[1].range", "ipRanges[0].range (fd00::/64)"
        ),
        (
            #""range_end": "10.0.0.9", "ipRanges": [{"range": "10.0.0.9-10.0.0.20/24"}]"#,
            "ipRanges[0].range", "range (10.0.0.0/24) in [10.0.0.9]"
        ),
        (
            #""enable_overlapping_ranges": false, "ipRanges": [{"range": "10.0.0.0/28"}]"#,
            "ipRanges[0].range", "range (10.0.0.0/24) in [10.0.0.1-10.0.0.14]"
        ),
    ])
    func rangesThatOverlapAreRefusedAndBothNamed(members: String, second: String, first: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(members) }
        #expect(error?.key == second)
        #expect(error?.description.contains("overlaps \(first)") == true, "\(error?.description ?? "")")
    }

    @Test func asManyRangesAsOneTransactionHoldsAreAcceptedAndNotOneMore() throws {
        func ranges(_ count: Int) -> String {
            let ranges = (0..<count).map { "{\"range\": \"10.1.\($0).0/24\"}" }.joined(separator: ", ")
            return "\"ipRanges\": [\(ranges)]"
        }
        let limit = IPAMConfiguration.rangeLimit
        // That of the top level is one more.
        #expect(try ConfigurationLoader.load(ranges(limit - 1)).demands.count == limit)
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(ranges(limit)) }
        #expect(error?.description == "ipRanges has \(limit + 1) ranges together with range; the limit is \(limit)")
    }

    // MARK: - CNI_ARGS

    @Test(arguments: [
        ("IP=10.9.0.7/16", ["10.9.0.7/16 -"]),
        ("IP=10.9.0.7/16,fd00::7/64", ["10.9.0.7/16 -", "fd00::7/64 -"]),
        (
            "IP=10.9.0.7/16, fd00::7/64;GATEWAY=fd00::1,10.9.0.1,10.0.0.1",
            ["10.9.0.7/16 10.9.0.1", "fd00::7/64 fd00::1"]
        ),
        ("GATEWAY=10.0.0.1", []),
        ("IP=;GATEWAY=", []),
    ])
    func theAddressesOfTheArgumentsFollowTheStaticOnes(arguments: String, expected: [String]) throws {
        let members = #""addresses": [{"address": "10.8.0.1/16"}]"#
        let configuration = try ConfigurationLoader.load(members, arguments: arguments)
        let addresses = configuration.staticAddresses.map { "\($0.address) \($0.gateway?.description ?? "-")" }
        #expect(addresses == ["10.8.0.1/16 -"] + expected)
        #expect(configuration.gateway == nil)
    }

    @Test func anAddressOfTheArgumentsIsAskedForWhereItLiesInARange() throws {
        let configuration = try ConfigurationLoader.load("", arguments: "IP=10.0.0.2/24")
        #expect(configuration.demands.map(\.requested?.description) == ["10.0.0.2"])
        #expect(configuration.demands.map(\.pool.allocatable.description) == ["[10.0.0.1-10.0.0.254]"])
        #expect(configuration.staticAddresses.isEmpty)
    }

    @Test func theAddressesOfTheArgumentsCountForOldVersions() {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load("", version: .v020, arguments: "IP=10.9.0.7/16")
        }
        #expect(error?.key == "cniVersion")
    }

    @Test(arguments: [
        ("IP=10.9.0.7", #"CNI_ARGS IP: "10.9.0.7" lies in no range, so it needs a prefix length"#),
        ("IP=10.9.0.7/16,x", #"CNI_ARGS IP: "x" is no IP address"#),
        ("IP=10.9.0.7/16,10.9.0.7/24", #"CNI_ARGS IP: "10.9.0.7/24" repeats an address before it"#),
        ("IP=10.9.0.7/16;GATEWAY=10.9.0.1/16", #"CNI_ARGS GATEWAY: "10.9.0.1/16" is no IP address"#),
    ])
    func aBadAddressOfTheArgumentsIsNamed(arguments: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load("", arguments: arguments)
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    // MARK: - Old versions

    static let manyAddresses = [
        (#""ipRanges": [{"range": "10.1.0.0/24"}]"#, false), (#""addresses": [{"address": "10.1.0.1/24"}]"#, false),
        (#""ipRanges": [{"range": "fd00::/64"}], "addresses": [{"address": "fd00::1/64"}]"#, false),
        (#""range": null, "ipRanges": [{"range": "fd00::/64"}, {"range": "fd01::/64"}]"#, false),
        (#""ipRanges": [{"range": "fd00::/64"}]"#, true), (#""addresses": [{"address": "fd00::1/64"}]"#, true),
    ]

    @Test(arguments: CNIVersion.allCases, manyAddresses)
    func oneAddressOfAFamilyIsAllThatOldVersionsHold(
        version: CNIVersion,
        configuration: (members: String, hasOneOfEach: Bool)
    ) throws {
        if configuration.hasOneOfEach || ![.v010, .v020].contains(version) {
            #expect(try !Self.pools(configuration.members, version: version).isEmpty)
        } else {
            let error = #expect(throws: ConfigurationError.self) {
                try ConfigurationLoader.load(configuration.members, version: version)
            }
            #expect(error?.key == "cniVersion" && error?.value == version.rawValue)
            #expect(error?.description.contains("0.3.0 or later") == true)
        }
    }
}
