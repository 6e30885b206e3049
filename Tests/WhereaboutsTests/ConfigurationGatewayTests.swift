import CNI
import IPAM
import IPTypes
import Testing

@testable import Whereabouts

/// The gateway of all ranges, and those that ranges have of their own.
@Suite struct ConfigurationGatewayTests {
    private func load(_ members: String, beside: String = "") throws -> IPAMConfiguration {
        let ipam = #""type": "whereabouts", "etcd_host": "a", \#(members)"#
        return try ConfigurationLoader.load(network: #"{"name": "lab", \#(beside)"ipam": {\#(ipam)}}"#)
    }

    /// The gateways of the result in which each pool gives out its lowest address.
    private func gateways(_ configuration: IPAMConfiguration) throws -> [String?] {
        let allocations = try configuration.demands.flatMap(\.choices).map { choice in
            let first = try #require(choice.pool.allocatable.ranges.first).first
            return Allocation(domain: choice.domain, address: choice.pool.interfaceAddress(first))
        }
        return configuration.result(allocations).ips.map { $0.gateway?.description }
    }

    @Test(
        arguments: [
            // One gateway goes with the addresses of its family, as upstream has it but for the other family.
            (
                #""gateway": "10.0.0.1", "ipRanges": [{"range": "10.0.0.0/24"}, {"range": "fd00::/64"}]"#,
                ["10.0.0.1", nil]
            ),
            (
                #""gateway": "10.0.0.1", "ipRanges": [{"range": "10.0.0.0/24"}, {"range": "fd00::/64", "gateway": "fd00::1"}]"#,
                ["10.0.0.1", "fd00::1"]
            ),
            (
                #""gateway": "10.0.0.1", "range": "10.0.0.0/24", "ipRanges": [{"range": "10.1.0.0/24", "gateway": "10.1.0.1"}]"#,
                ["10.0.0.1", "10.1.0.1"]
            ),
            (
                #""ipRanges": [{"range": "10.1.0.0/24", "gateway": "10.9.9.9"}, {"range": "10.2.0.0/24"}]"#,
                ["10.9.9.9", nil]
            ),
            (
                #""gateway": "10.1.0.1", "ipRanges": [{"ranges": ["10.1.0.0/24", {"range": "10.2.0.0/24", "gateway": "10.2.0.1"}]}]"#,
                ["10.1.0.1", "10.2.0.1"]
            ),
        ] as [(String, [String?])]
    )
    func gatewayOfARangeComesBeforeThatOfAll(members: String, expected: [String?]) throws {
        let configuration = try load(members)
        #expect(try gateways(configuration) == expected)
        #expect(configuration.demands.flatMap { $0.choices.map { $0.pool.gateway?.description } } == expected)
    }

    @Test func noRangeGivesOutAGatewayOfAnother() throws {
        let members = #"""
            "ipRanges": [{"range": "10.0.0.0/29", "gateway": "10.0.0.9"}, {"range": "10.0.0.8/29", "gateway": "10.0.0.2"},
              {"ranges": [{"range": "10.1.0.0/29", "gateway": "10.0.0.3"}, "10.2.0.0/29"]}]
            """#
        #expect(
            try load(members).demands.flatMap { $0.choices.map(\.pool.allocatable.description) } == [
                "[10.0.0.1, 10.0.0.4-10.0.0.6]", "[10.0.0.10-10.0.0.14]", "[10.1.0.1-10.1.0.6]", "[10.2.0.1-10.2.0.6]",
            ]
        )
        for address in ["10.0.0.9", "10.0.0.2", "10.0.0.3"] {
            let error = try #require(throws: ConfigurationError.self) {
                try load(members, beside: #""runtimeConfig": {"ips": ["\#(address)"]}, "#)
            }
            #expect(error.description.contains("is the gateway"), "\(error)")
        }
    }

    @Test(arguments: [
        (
            #""ipRanges": [{"range": "10.1.0.0/24", "gateway": "fd00::1"}]"#,
            #"ipRanges[0].gateway: "fd00::1" is no gateway for 10.1.0.0/24, which is of the other family"#
        ),
        (
            #""ipRanges": [{"ranges": ["10.1.0.0/24", {"range": "fd00::/64", "gateway": "10.1.0.1"}]}]"#,
            #"ipRanges[0].ranges[1].gateway: "10.1.0.1" is no gateway for fd00::/64, which is of the other family"#
        ),
        (
            #""ipRanges": [{"range": "10.1.0.0/24", "gateway": "10.1.0.1/24"}]"#,
            #"ipRanges[0].gateway: "10.1.0.1/24" is no IP address"#
        ),
        (
            #""ipRanges": [{"gateway": "10.1.0.1", "ranges": ["10.1.0.0/24"]}]"#,
            "ipRanges[0].gateway stands beside ranges"
        ),
        (
            #""ipRanges": [{"range": "10.1.0.1/32", "gateway": "10.1.0.1"}]"#,
            #"ipRanges[0].range: "10.1.0.1/32" has nothing left to allocate"#
        ),
    ])
    func badGatewayOfARangeIsNamed(members: String, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load(members) }
        #expect(error.description.hasPrefix(message), "\(error)")
    }

    // MARK: - Notes

    private static let routed = #", "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]"#

    /// Each row: the members, what stands beside `ipam`, and how the notes begin.
    static let noted: [(members: String, beside: String, notes: [String])] = [
        (
            #""gateway": "10.1.0.1", "ipRanges": [{"ranges": ["10.1.0.0/24", "10.2.0.0/24"]}]"#, "",
            [
                "ipRanges[0].ranges: the addresses of different networks (10.1.0.0/24, 10.2.0.0/24) all go with gateway 10.1.0.1"
            ]
        ),
        (
            #""gateway": "10.1.0.1", "ipRanges": [{"ranges": ["10.1.0.0/24", {"range": "10.2.0.0/24", "gateway": "10.2.0.1"}]}]"#,
            "", []
        ),
        (
            #""gateway": "10.1.0.1", "ipRanges": [{"ranges": ["10.1.0.2-10.1.0.9/24", "10.1.0.20-10.1.0.29/24"]}]"#, "",
            []
        ),
        (#""ipRanges": [{"ranges": ["10.1.0.0/24", "10.2.0.0/24"]}]"#, "", []),
        // A gateway that lies nowhere matters to a route that goes through it, unless the main plugin makes a way to it.
        (#""gateway": "10.9.0.1", "range": "10.1.0.0/24""#, "", []),
        (
            #""gateway": "10.9.0.1", "range": "10.1.0.0/24""# + routed, "",
            ["gateway: 10.9.0.1 lies outside of 10.1.0.0/24"]
        ),
        (#""gateway": "10.9.0.1", "range": "10.1.0.0/24""# + routed, #""type": "ptp", "#, []),
        (#""gateway": "10.9.0.1", "range": "10.1.0.0/24", "ipRanges": [{"range": "10.9.0.0/24"}]"# + routed, "", []),
        (#""gateway": "fe80::1", "range": "fd00::/64""# + routed, "", []),
        (
            #""range": "10.1.0.0/24", "ipRanges": [{"range": "fd00::/64", "gateway": "fd01::1"}]"# + routed, "",
            ["ipRanges[0].gateway: fd01::1 lies outside of fd00::/64"]
        ),
        // The bridge takes an address for itself.
        (
            #""gateway": "10.1.0.1", "range": "10.1.0.0/24", "ipRanges": [{"range": "fd00::/64"}]"#,
            #""type": "bridge", "isGateway": true, "#,
            ["ipRanges[0].range: the bridge is a gateway and takes fd00::1 for itself"]
        ),
        (
            #""range": "10.1.0.0/24""#, #""type": "bridge", "isDefaultGateway": true, "#,
            ["range: the bridge is a gateway and takes 10.1.0.1"]
        ),
        (#""range": "10.1.0.0/24""#, #""type": "bridge", "#, []),
        (#""range": "10.1.0.0/24""#, #""type": "macvlan", "isGateway": true, "#, []),
        (#""range": "10.1.0.0/24", "exclude": ["10.1.0.1"]"#, #""type": "bridge", "isGateway": true, "#, []),
        (#""range": "10.1.0.0/24", "gateway": "10.1.0.1""#, #""type": "bridge", "isGateway": true, "#, []),
        // What has no effect.
        (
            #""range": "10.1.0.0/24", "exclude": ["10.1.0.9", "10.9.0.0/24", "fd00::1"]"#, "",
            ["exclude[1]: 10.9.0.0/24 lies outside of 10.1.0.0/24", "exclude[2]: fd00::1 lies outside"]
        ),
        (
            #""ipRanges": [{"range": "10.1.0.5-10.1.0.9/24", "range_start": "10.1.0.6", "range_end": "10.1.0.7"}]"#, "",
            [
                "ipRanges[0].range_start: has no effect beside 10.1.0.5-10.1.0.9/24",
                "ipRanges[0].range_end: has no effect",
            ]
        ),
        (#""range": "10.1.0.0/24", "log_file": "whereabouts.log""#, "", ["log_file: whereabouts.log is relative"]),
        (#""ipRanges": [{"ranges": ["10.1.0.0/24", "fd00::/64"]}]"#, "", ["ipRanges[0].ranges has both families"]),
    ]

    @Test(arguments: noted) func whatMayNotDoWhatWasMeantIsNoted(
        row: (members: String, beside: String, notes: [String])
    ) throws {
        let notes = try load(row.members, beside: row.beside).notes
        #expect(notes.count == row.notes.count, "\(notes)")
        for (note, beginning) in zip(notes, row.notes) {
            #expect(note.hasPrefix(beginning), "\(note)")
        }
    }

    /// What serves all networks of a node is no mistake of one.
    @Test func exclusionsOfTheFlatFileAreNotNoted() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("whereabouts.conf", #"{"exclude": ["10.9.0.0/24"], "range_start": "10.0.0.5"}"#)
        let configuration = try ConfigurationLoader.load(#""range": "10.0.0.2-10.0.0.9/24""#, flatFilePaths: [file])
        #expect(configuration.notes.isEmpty, "\(configuration.notes)")
    }
}
