import EtcdLab
import TestSupport
import Testing

@testable import Whereabouts

/// A value that can't be used is named with its key, and with what would be right.
@Suite struct ConfigurationErrorTests {
    /// Members of the `ipam` object, the key, the value unless none is shown, and parts of the remedy.
    static let bad: [(members: String, key: String, value: String?, remedy: [String])] = [
        (#""type": "host-local""#, "ipam.type", "host-local", [#"IPAM type is "whereabouts""#]),
        (#""type": "Whereabouts""#, "ipam.type", "Whereabouts", [#"IPAM type is "whereabouts""#]),
        (#""type": null"#, "ipam.type", "", [#"IPAM type is "whereabouts""#]),
        // The datastore.
        (#""datastore": "consul""#, "datastore", "consul", ["must be etcd or kubernetes"]),
        (#""datastore": "ETCD""#, "datastore", "ETCD", ["must be etcd"]),
        (
            #""etcd_host": null"#, "etcd_host", nil,
            ["is missing", "you have not configured the storage engine", "10.0.0.5:2379", "flat file"]
        ),
        (
            #""etcd_host": "ftp://a:1""#, "etcd_host", "ftp://a:1",
            ["the scheme must be http or https", "Write host:port"]
        ),
        (#""etcd_host": ["a:1", 2]"#, "etcd_host[1]", nil, ["must be a text in quotes"]),
        (#""etcd_host": "a:1,b:x""#, "etcd_host", "a:1,b:x", [#""b:x" is not an etcd endpoint"#, "1 to 65535"]),
        (#""etcd_host": "a:70000""#, "etcd_host", "a:70000", ["1 to 65535"]),
        (#""etcd_host": "fd00::5:2379""#, "etcd_host", "fd00::5:2379", ["belongs in brackets", "[fd00::5]:2379"]),
        (#""etcd_host": " , ""#, "etcd_host", " , ", ["no etcd endpoint is named", "host:port"]),
        (
            #""etcd_host": "http://root:hunter2@a:1""#, "etcd_host", nil,
            ["Write host:port", "user and password"]
        ),
        (#""etcd_username": "root""#, "etcd_password", nil, ["is missing beside etcd_username"]),
        (#""etcd_password": "hunter2""#, "etcd_username", nil, ["is missing beside etcd_password"]),
        (
            #""etcd_token_cache": "tokens""#, "etcd_token_cache", "tokens",
            ["must be the absolute path of a directory", "none"]
        ),
        // Time, and releases without etcd.
        (#""add_timeout": -1"#, "add_timeout", "-1", ["whole seconds from 1 to 3600", "120"]),
        (#""add_timeout": 3601"#, "add_timeout", "3601", ["whole seconds from 1 to 3600"]),
        (#""del_timeout": -1"#, "del_timeout", "-1", ["whole seconds from 1 to 3600", "60"]),
        (
            #""release_journal": "releases""#, "release_journal", "releases",
            ["must be the absolute path of a directory", "none"]
        ),
        // Slices.
        (#""node_slice_size": "/8""#, "node_slice_size", "/8", ["a part of 10.0.0.0/24", "/24 to /32"]),
        (
            #""node_slice_size": "/26", "enable_overlapping_ranges": false, "datastore": "kubernetes", "kubernetes": {"kubeconfig": "/k"}"#,
            "enable_overlapping_ranges", "false", ["can't stand beside a node_slice_size", "use etcd"]
        ),
        (#""node_slice_size": "33""#, "node_slice_size", "33", ["/24 to /32"]),
        (#""node_slice_size": "/""#, "node_slice_size", "/", ["/24 to /32"]),
        (#""node_slice_size": "+26""#, "node_slice_size", "+26", ["/24 to /32"]),
        (#""node_slice_size": "/26/26""#, "node_slice_size", "/26/26", ["/24 to /32"]),
        (
            #""ipRanges": [{"range": "fd00::/64", "node_slice_size": "/26"}]"#, "ipRanges[0].node_slice_size", "/26",
            ["a part of fd00::/64", "/64 to /128", "or none"]
        ),
        (
            #""ipRanges": [{"ranges": [{"range": "fd00::/64", "node_slice_size": "x"}]}]"#,
            "ipRanges[0].ranges[0].node_slice_size", "x", ["a part of fd00::/64"]
        ),
        // Logging.
        (#""log_level": "chatty""#, "log_level", "chatty", ["must be debug, verbose, error or panic"]),
        (#""log_level": "info""#, "log_level", "info", ["must be debug, verbose, error or panic"]),
        // Ranges.
        (#""range": null"#, "range", nil, ["is missing", "192.168.2.0/24", "ipRanges"]),
        (#""range": null, "addresses": [{"address": "10.9.0.5/24"}]"#, "range", nil, ["is missing"]),
        (#""range": null, "ipRanges": [{}]"#, "ipRanges[0].range", nil, ["is missing", "192.168.2.0/24"]),
        (#""range": "10.0.0.0/24 ""#, "range", "10.0.0.0/24 ", ["it ends with a blank", "use a CIDR"]),
        (#""range": " 10.0.0.0/24""#, "range", " 10.0.0.0/24", ["it begins with a blank"]),
        (#""range": "10.0.0.0 /24""#, "range", "10.0.0.0 /24", ["it has a blank in it"]),
        (
            #""range": "10.0.0.1 -10.0.0.9/24""#, "range", "10.0.0.1 -10.0.0.9/24",
            [#""10.0.0.1 ""#, "ends with a blank"]
        ),
        (#""range": "10.0.0.0""#, "range", "10.0.0.0", ["no prefix length", "use a CIDR such as 192.168.2.0/24"]),
        (#""range": "10.0.0.0/33""#, "range", "10.0.0.0/33", ["use a CIDR such as 192.168.2.0/24"]),
        (#""range": "10.0.0.9-10.0.0.2/24""#, "range", "10.0.0.9-10.0.0.2/24", ["use 10.0.0.2-10.0.0.9/24"]),
        (#""range": "10.0.0.9-10.0.0.x/24""#, "range", "10.0.0.9-10.0.0.x/24", ["octet 4", "use a CIDR"]),
        (#""range": "10.0.0.1-10.0.1.2/24""#, "range", "10.0.0.1-10.0.1.2/24", ["starts outside of 10.0.1.0/24"]),
        (
            #""range": "10.0.0.0/30", "gateway": "10.0.0.1", "exclude": ["10.0.0.2"]"#, "range", "10.0.0.0/30",
            ["has nothing left to allocate", "widen the range or exclude less"]
        ),
        (#""range_start": "ten""#, "range_start", "ten", ["use an address of the range"]),
        (#""range_end": "10.0.0.256""#, "range_end", "10.0.0.256", ["octet 4", "use an address of the range"]),
        (#""exclude": ["10.0.0.1/32", "x"]"#, "exclude[1]", "x", ["use a CIDR such as 192.168.2.0/28, an address"]),
        (#""exclude": ["10.0.0.01/32"]"#, "exclude[0]", "10.0.0.01/32", ["leading zero"]),
        (#""exclude": ["10.0.0.9-10.0.0.1"]"#, "exclude[0]", "10.0.0.9-10.0.0.1", ["use the lower address first"]),
        (#""exclude": [""]"#, "exclude[0]", "", ["use a CIDR such as 192.168.2.0/28, an address"]),
        (#""ipRanges": [{"range": "fd00::/129"}]"#, "ipRanges[0].range", "fd00::/129", ["use a CIDR"]),
        (
            #""ipRanges": [{"range": "10.1.0.0/24", "range_start": "10.1.0.010"}]"#, "ipRanges[0].range_start",
            "10.1.0.010", ["leading zero", "use an address of the range"]
        ),
        (
            #""ipRanges": [{"range": "10.1.0.0/24", "range_end": "010.1.0.9"}]"#, "ipRanges[0].range_end",
            "010.1.0.9", ["leading zero", "use an address of the range"]
        ),
        (
            #""ipRanges": [{"range": "10.1.0.0/24"}, {"range": "fd00::/64", "exclude": ["fd00::1", "fd00:::"]}]"#,
            "ipRanges[1].exclude[1]", "fd00:::", ["use a CIDR such as 192.168.2.0/28, an address"]
        ),
        (#""ipRanges": [{"range": "10.0.0.0/25"}]"#, "ipRanges[0].range", "10.0.0.0/25", ["give each range its own"]),
        // What belongs to a range that is not there.
        (#""range": null, "range_start": "10.0.0.1""#, "range_start", nil, ["belongs to range", "add range"]),
        (#""range": null, "range_end": "10.0.0.1""#, "range_end", nil, ["belongs to range", "add range"]),
        (
            #""range": null, "exclude": ["10.0.0.1"], "ipRanges": [{"range": "10.0.0.0/24"}]"#, "exclude", nil,
            ["belongs to range", "move it into an entry of ipRanges"]
        ),
        // The test hook.
        (#""sleep_for_race": -1"#, "sleep_for_race", "-1", ["must be 0 to 60 seconds"]),
        (#""sleep_for_race": 61"#, "sleep_for_race", "61", ["must be 0 to 60 seconds"]),
        // What passes into the result.
        (
            #""routes": [{"dst": "10.1.0.0/16", "gw": "fd00::1"}]"#, "routes[0].gw", "fd00::1",
            ["is no gateway for dst 10.1.0.0/16"]
        ),
        (
            #""routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "10.0.0.1"}]"#, "routes[1].gw", "10.0.0.1",
            ["is no gateway for dst ::/0"]
        ),
        (
            #""addresses": [{"address": "10.9.0.1/16"}, {"address": "fd00::1/64"}, {"address": "10.9.0.1/24"}]"#,
            "addresses[2].address", "10.9.0.1/24", ["repeats addresses[0].address"]
        ),
        (#""gateway": "10.0.0""#, "gateway", "10.0.0", ["write it as 10.0.0.1 or fd00::1"]),
        (#""gateway": "10.0.0.1/24""#, "gateway", "10.0.0.1/24", ["write it as 10.0.0.1 or fd00::1"]),
        (#""addresses": [{}]"#, "addresses[0].address", nil, ["is missing", "write it as 10.0.0.5/24"]),
        (#""addresses": [{"address": "10.0.0.5"}]"#, "addresses[0].address", "10.0.0.5", ["write it as 10.0.0.5/24"]),
        (
            #""addresses": [{"address": "10.0.0.5/24"}, {"address": "10.0.0.6/24", "gateway": "x"}]"#,
            "addresses[1].gateway", "x", ["write it as 10.0.0.1 or fd00::1"]
        ),
        (
            #""routes": [{"dst": "::/0"}, {"gw": "::1"}]"#, "routes[1].dst", nil,
            ["is missing", "write it as 10.1.0.0/16"]
        ),
        (#""routes": [{"dst": "default"}]"#, "routes[0].dst", "default", ["is no address with a prefix length"]),
        (#""routes": [{"dst": "::/0", "gw": "gw"}]"#, "routes[0].gw", "gw", ["write it as 10.0.0.1 or fd00::1"]),
    ]

    @Test(arguments: bad) func anErrorHasKeyValueAndRemedy(
        row: (members: String, key: String, value: String?, remedy: [String])
    ) throws {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(row.members) }
        #expect(error?.key == row.key)
        #expect(error?.value == row.value)
        let description = error?.description ?? ""
        #expect(description.hasPrefix(row.value.map { "\(row.key): \"\($0)\" " } ?? "\(row.key) "), "\(description)")
        for part in row.remedy {
            #expect(description.contains(part), "\(description)")
        }
        #expect(!description.contains("hunter2"))
        #expect(!description.contains("root"))
    }

    @Test(arguments: [#"{"name": "lab"}"#, #"{"name": "lab", "ipam": null}"#])
    func aNetworkWithoutIPAMIsTold(network: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(network: network) }
        #expect(error?.description == "ipam is missing; add the object with the settings of whereabouts")
    }

    @Test(arguments: [
        (#""hunter2""#, "a string"), ("7", "a number"), ("[]", "an array"), ("true", "a boolean"),
    ])
    func anIPAMThatIsNoObjectIsTold(ipam: String, kind: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(network: #"{"name": "lab", "ipam": \#(ipam)}"#)
        }
        #expect(error?.description == "ipam must be an object, and is \(kind)")
    }

    @Test func aValueIsQuotedSoThatItsEndsAndLineBreaksShow() {
        let error = ConfigurationError(key: "gateway", value: " a\n\"b", reason: "is no IP address")
        #expect(error.description == #"gateway: " a\n\"b" is no IP address"#)
    }
}
