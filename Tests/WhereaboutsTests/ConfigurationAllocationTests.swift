import CNI
import IPAM
import IPTypes
import Testing

@testable import Whereabouts

/// The keys that say how addresses are chosen, and the addresses that a runtime asks for.
@Suite struct ConfigurationAllocationTests {
    @Test func policyIsReadAndOffByDefault() throws {
        #expect(try ConfigurationLoader.load("").policy == AllocationPolicy())
        let members = #""allocation_strategy": "Next", "reuse_delay": 30, "retain": 600"#
        let policy = try ConfigurationLoader.load(members).policy
        #expect(policy == AllocationPolicy(strategy: .next, reuseDelay: 30, retention: 600))
    }

    @Test(arguments: [
        (#""allocation_strategy": "random""#, "allocation_strategy", "must be lowest or next"),
        (#""reuse_delay": -1"#, "reuse_delay", "must be 0 to 31536000 seconds"),
        (#""retain": 31536001"#, "retain", "must be 0 to 31536000 seconds"),
        (#""retain": "10m""#, "retain", "must be a whole number"),
        (#""range": "10.0.0.0/24", "include": ["10.0.1.5"]"#, "include[0]", "lies outside of 10.0.0.0/24"),
        (
            #""range": "10.0.0.0/24", "include": ["10.0.0.300"]"#, "include[0]",
            "is not an IP address: octet 4 is over 255"
        ),
        (#""range": "10.0.0.0/24", "include": ["10.0.0.5"], "exclude": ["10.0.0.5"]"#, "range", "what include names"),
        (#""ipRanges": [{"ranges": [7]}]"#, "ipRanges[0].ranges[0]", "must be an object, or a text"),
        (#""ipRanges": [{"ranges": ["10.1.0.0/33"]}]"#, "ipRanges[0].ranges[0].range", "10.1.0.0/33"),
        (
            #""ipRanges": [{"range": "10.1.0.0/24", "ranges": ["10.2.0.0/24"]}]"#, "ipRanges[0].range",
            "stands beside ranges"
        ),
        (
            #""ipRanges": [{"exclude": ["10.1.0.1"], "ranges": ["10.2.0.0/24"]}]"#, "ipRanges[0].exclude",
            "stands beside"
        ),
        (
            #""ipRanges": [{"ranges": ["10.1.0.0/24", "10.1.0.0/25"]}]"#, "ipRanges[0].ranges[1].range",
            "overlaps ipRanges[0].ranges[0].range"
        ),
    ])
    func badValueIsNamed(members: String, key: String, reason: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try ConfigurationLoader.load(members) }
        #expect(error.description.hasPrefix(key), "\(error)")
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test func groupIsOneDemandWithItsFallbacks() throws {
        let members = #"""
            "range": "", "ipRanges": [
              {"ranges": ["10.1.0.0/24", {"range": "10.2.0.0/24", "include": ["10.2.0.7", "10.2.0.9-10.2.0.11"], "exclude": ["10.2.0.10"]}]},
              {"range": "fd00::/64"}
            ]
            """#
        let network = #"{"name": "lab", "ipam": {"type": "whereabouts", "etcd_host": "a", \#(members)}}"#
        let configuration = try ConfigurationLoader.load(network: network)
        #expect(
            configuration.demands.map { $0.choices.map(\.pool.range.description) } == [
                ["10.1.0.0/24", "10.2.0.0/24"], ["fd00::/64"],
            ]
        )
        #expect(configuration.demands[0].fallbacks[0].pool.allocatable.description == "[10.2.0.7, 10.2.0.9, 10.2.0.11]")
    }

    private func load(_ members: String, _ beside: String, _ arguments: String = "") throws -> IPAMConfiguration {
        let ipam = #""type": "whereabouts", "etcd_host": "a", \#(members)"#
        return try ConfigurationLoader.load(
            network: #"{"name": "lab", \#(beside)"ipam": {\#(ipam)}}"#,
            arguments: arguments
        )
    }

    private static let ranges =
        #""gateway": "10.0.0.1", "ipRanges": [{"range": "10.0.0.0/24", "exclude": ["10.0.0.64/28"]}, {"range": "fd00::/64"}]"#
    private static let moreRanges = #"""
        "gateway": "10.0.0.1", "ipRanges": [{"range": "10.0.0.0/24", "exclude": ["10.0.0.64/28"]}, {"range": "fd00::/64"},
          {"range": "10.4.0.10-10.4.0.20/24"}, {"range": "10.5.0.0/24", "include": ["10.5.0.7"]}]
        """#

    @Test(
        arguments: [
            (#""runtimeConfig": {"ips": ["10.0.0.9"]}, "#, "", ["10.0.0.9", nil], []),
            (#""runtimeConfig": {"ips": ["10.0.0.9/24", "fd00::9"]}, "#, "", ["10.0.0.9", "fd00::9"], []),
            (#""args": {"cni": {"ips": ["fd00::9"]}}, "#, "", [nil, "fd00::9"], []),
            ("", "IP=10.0.0.9/24,fd00::9/64", ["10.0.0.9", "fd00::9"], []),
            ("", "IP=10.9.0.9/24;GATEWAY=10.9.0.1", [nil, nil], ["10.9.0.9/24 10.9.0.1"]),
            // What a range excludes does not lie in it.
            ("", "IP=10.0.0.65/24", [nil, nil], ["10.0.0.65/24"]),
            // The first place that names any counts.
            (
                #""runtimeConfig": {"ips": ["10.0.0.9"]}, "args": {"cni": {"ips": ["10.0.0.8"]}}, "#, "IP=fd00::9/64",
                ["10.0.0.9", nil], []
            ),
            (
                #""runtimeConfig": {"ips": []}, "args": {"cni": {"ips": ["10.0.0.8"]}}, "#, "IP=fd00::9/64",
                ["10.0.0.8", nil], []
            ),
        ] as [(String, String, [String?], [String])]
    )
    func requestedAddressIsTakenFromItsRangeOrAdded(
        beside: String,
        arguments: String,
        requested: [String?],
        added: [String]
    ) throws {
        let configuration = try load(Self.ranges, beside, arguments)
        #expect(configuration.demands.map { $0.requested?.description } == requested)
        let fixed = configuration.staticAddresses.map { entry in
            entry.address.description + (entry.gateway.map { " \($0)" } ?? "")
        }
        #expect(fixed == added)
    }

    @Test(arguments: [
        (
            #""runtimeConfig": {"ips": ["10.9.0.9"]}, "#,
            #"runtimeConfig.ips[0]: "10.9.0.9" lies in no range, so it needs a prefix length"#
        ),
        (#""runtimeConfig": {"ips": ["x"]}, "#, #"runtimeConfig.ips[0]: "x" is no IP address"#),
        (#""runtimeConfig": {"ips": "10.0.0.9"}, "#, "runtimeConfig.ips must be a list"),
        (
            #""args": {"cni": {"ips": ["10.0.0.9", "10.0.0.10"]}}, "#,
            #"args.cni.ips[1]: "10.0.0.10" is asked for beside 10.0.0.9"#
        ),
        (#""args": {"cni": {"ips": ["10.0.0.1"]}}, "#, #"args.cni.ips[0]: "10.0.0.1" is the gateway"#),
        // An address of a range's network that it does not give out.
        (
            #""args": {"cni": {"ips": ["10.0.0.65"]}}, "#,
            #"args.cni.ips[0]: "10.0.0.65" lies in 10.0.0.0/24 and is excluded there; ask for another address, or"#
        ),
        (
            #""args": {"cni": {"ips": ["10.4.0.9"]}}, "#,
            #"args.cni.ips[0]: "10.4.0.9" lies in 10.4.0.0/24 and is outside of 10.4.0.10-10.4.0.20, which the range"#
        ),
        (
            #""args": {"cni": {"ips": ["10.5.0.9"]}}, "#,
            #"args.cni.ips[0]: "10.5.0.9" lies in 10.5.0.0/24 and is not among those that the range includes"#
        ),
        (
            #""args": {"cni": {"ips": ["10.0.0.0"]}}, "#,
            #"args.cni.ips[0]: "10.0.0.0" is the network address of 10.0.0.0/24, which nobody gets"#
        ),
        (
            #""args": {"cni": {"ips": ["10.0.0.255/24"]}}, "#,
            #"args.cni.ips[0]: "10.0.0.255/24" is the broadcast address of 10.0.0.0/24"#
        ),
        (
            #""args": {"cni": {"ips": ["fd00::/64"]}}, "#,
            #"args.cni.ips[0]: "fd00::/64" is the network address of fd00::/64"#
        ),
        (
            #""args": {"cni": {"ips": ["fd01::9"]}}, "#,
            #"args.cni.ips[0]: "fd01::9" lies in no range, so it needs a prefix length; write it as fd01::9/64"#
        ),
    ])
    func requestThatCanNotBeMetIsNamed(beside: String, text: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load(Self.moreRanges, beside) }
        #expect(error.description.hasPrefix(text), "\(error)")
    }

    @Test func unknownKeysOfARangeInAGroupAreNoted() throws {
        let members =
            #""ipRanges": [{"ranges": [{"range": "10.1.0.0/24", "exlude": []}, {"range": "10.2.0.0/24", "ranges": []}]}]"#
        let notes = try ConfigurationLoader.load(members).notes
        #expect(notes.contains("unknown keys: ipRanges[0].ranges[0].exlude, ipRanges[0].ranges[1].ranges"), "\(notes)")
    }
}
