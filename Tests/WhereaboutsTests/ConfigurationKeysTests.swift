import CNI
import EtcdClient
import EtcdLab
import Foundation
import IPAM
import IPTypes
import JSON
import TestSupport
import Testing

@testable import Whereabouts

/// Every key of the `ipam` object: its type, its default, its effect.
@Suite struct ConfigurationKeysTests {
    /// A place in the configuration, its type, and members with a `%` there.
    struct Key: CustomTestStringConvertible, Sendable {
        let path: String
        let type: String
        let members: String

        init(_ path: String, _ type: String, _ members: String? = nil) {
            self.path = path
            self.type = type
            self.members = members ?? "\"\(path)\": %"
        }

        var testDescription: String { path }

        func with(_ value: String) -> String { members.replacing("%", with: value) }
    }

    static let text = "a text in quotes"
    static let list = "a list"
    static let object = "an object"
    static let bool = "true or false"
    static let number = "a whole number"
    static let count = "a whole number, 0 or more"

    static let topLevel = [
        Key("type", text), Key("range", text), Key("range_start", text), Key("range_end", text), Key("exclude", list),
        Key("ipRanges", list), Key("gateway", text), Key("routes", list), Key("dns", object), Key("addresses", list),
        Key("datastore", text), Key("etcd_token_cache", text), Key("etcd_username", text), Key("etcd_password", text),
        Key("etcd_key_file", text), Key("etcd_cert_file", text), Key("etcd_ca_cert_file", text),
        Key("kubernetes", object), Key("configuration_path", text), Key("log_file", text), Key("log_level", text),
        Key("enable_overlapping_ranges", bool), Key("network_name", text), Key("node_slice_size", text),
        Key("leader_lease_duration", number), Key("leader_renew_deadline", number),
        Key("leader_retry_period", number), Key("sleep_for_race", number), Key("reconciler_cron_expression", text),
        Key("release_journal", text), Key("add_timeout", number), Key("del_timeout", number),
    ]

    static let nested = [
        Key("etcd_host[1]", text, #""etcd_host": ["a", %]"#),
        Key("exclude[1]", text, #""exclude": ["10.0.0.1/32", %]"#),
        Key("ipRanges[0]", object, #""ipRanges": [%]"#),
        Key("ipRanges[0].range", text, #""ipRanges": [{"range": %}]"#),
        Key("ipRanges[1].range_start", text, #""ipRanges": [{}, {"range_start": %}]"#),
        Key("ipRanges[0].range_end", text, #""ipRanges": [{"range_end": %}]"#),
        Key("ipRanges[0].exclude", list, #""ipRanges": [{"exclude": %}]"#),
        Key("ipRanges[0].gateway", text, #""ipRanges": [{"gateway": %}]"#),
        Key("ipRanges[0].ranges[0].gateway", text, #""ipRanges": [{"ranges": [{"gateway": %}]}]"#),
        Key("ipRanges[0].exclude[0]", text, #""ipRanges": [{"exclude": [%]}]"#),
        Key("routes[0]", object, #""routes": [%]"#),
        Key("routes[0].dst", text, #""routes": [{"dst": %}]"#),
        Key("routes[0].gw", text, #""routes": [{"dst": "::/0", "gw": %}]"#),
        Key("routes[0].mtu", count, #""routes": [{"dst": "::/0", "mtu": %}]"#),
        Key("routes[0].advmss", count, #""routes": [{"dst": "::/0", "advmss": %}]"#),
        Key("routes[0].priority", count, #""routes": [{"dst": "::/0", "priority": %}]"#),
        Key("routes[0].table", count, #""routes": [{"dst": "::/0", "table": %}]"#),
        Key("routes[1].scope", count, #""routes": [{"dst": "::/0"}, {"dst": "::/0", "scope": %}]"#),
        Key("dns.nameservers", list, #""dns": {"nameservers": %}"#),
        Key("dns.nameservers[0]", text, #""dns": {"nameservers": [%]}"#),
        Key("dns.domain", text, #""dns": {"domain": %}"#),
        Key("dns.search", list, #""dns": {"search": %}"#),
        Key("dns.options", list, #""dns": {"options": %}"#),
        Key("addresses[0]", object, #""addresses": [%]"#),
        Key("addresses[0].address", text, #""addresses": [{"address": %}]"#),
        Key("addresses[0].gateway", text, #""addresses": [{"address": "10.0.0.1/24", "gateway": %}]"#),
        Key("kubernetes.kubeconfig", text, #""kubernetes": {"kubeconfig": %}"#),
        Key("kubernetes.api_group", text, #""kubernetes": {"api_group": %}"#),
        Key("kubernetes.k8s_api_root", text, #""kubernetes": {"k8s_api_root": %}"#),
    ]

    /// A value of each kind, with the types that take it.
    static let values: [(json: String, types: Set<String>)] = [
        (#""hunter2""#, [text]), ("4711", [number, count]), ("-4711", [number]), ("4711.5", []), ("1e300", []),
        ("true", [bool]), ("false", [bool]), (#"["hunter2"]"#, [list]), (#"{"hunter2": "hunter2"}"#, [object]),
        ("[]", [list]), ("{}", [object]),
    ]

    /// Numbers and truth values are shown, unless they are for etcd; what may hold a password is not.
    @Test(arguments: topLevel + nested, values)
    func aWrongTypeIsNamedWithTheRightOneAndOnlyHarmlessValues(key: Key, value: (json: String, types: Set<String>))
        throws
    {
        guard !value.types.contains(key.type) else { return }
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(key.with(value.json)) }
        let json = try JSONValue(parsing: Array(value.json.utf8))
        let found =
            switch json {
            case _ where key.path.hasPrefix("etcd_"): json.kind
            case .integer(let number): "the number \(number)"
            case .number(let number): "the number \(number)"
            case .bool(let isTrue): "\(isTrue)"
            default: json.kind
            }
        #expect(error?.description.hasPrefix("\(key.path) must be \(key.type), and is \(found)") == true, "\(error)")
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.value == nil)
    }

    // MARK: - Right types

    /// A good value of each key that needs no other key.
    static let good = [
        ("range_start", #""10.0.0.9""#), ("range_end", #""10.0.0.9""#), ("exclude", #"["10.0.0.1"]"#),
        ("ipRanges", #"[{"range": "fd00::/64"}]"#), ("gateway", #""10.0.0.1""#), ("routes", #"[{"dst": "::/0"}]"#),
        ("dns", #"{"domain": "example.org"}"#), ("addresses", #"[{"address": "fd00::1/64"}]"#),
        ("log_file", #""/var/log/whereabouts.log""#), ("log_level", #""error""#),
        ("enable_overlapping_ranges", "false"), ("network_name", #""blue""#), ("range", #""10.1.0.0/24""#),
        ("etcd_host", #""10.0.0.5:2380""#),
    ]

    @Test(arguments: good) func aKeyHasItsEffectWhateverItsCase(key: String, value: String) throws {
        let plain = String(reflecting: try ConfigurationLoader.load(""))
        let configuration = try ConfigurationLoader.load("\"\(key)\": \(value)")
        #expect(String(reflecting: configuration) != plain)
        #expect(configuration.notes.isEmpty)

        // Here the other keys may not repeat this one in its usual case.
        let others = ["type": "whereabouts", "etcd_host": "etcd.example:2379", "range": "10.0.0.0/24"]
            .filter { $0.key != key }.map { "\"\($0.key.uppercased())\": \"\($0.value)\"" }.joined(separator: ", ")
        for spelling in [key.uppercased(), key.capitalized] {
            let network = "{\"name\": \"lab\", \"IPAM\": {\"\(spelling)\": \(value), \(others)}}"
            let folded = try ConfigurationLoader.load(network: network)
            #expect(String(reflecting: folded) == String(reflecting: configuration))
        }
    }

    @Test(arguments: [
        (#""network_name": "one", "network_name": "two""#, "two"),
        (#""NETWORK_NAME": "upper", "network_name": "lower", "Network_Name": "mixed""#, "mixed"),
        (#""Network_Name": "mixed", "NETWORK_NAME": "upper", "network_name": "lower""#, "lower"),
        (#""network_name": "lower", "Network_Name": null"#, ""),
    ])
    func theLastOfAKeysSpellingsCounts(members: String, name: String) throws {
        let configuration = try ConfigurationLoader.load(members)
        #expect(configuration.demands.map(\.domain.networkName) == [name])
    }

    @Test func theLastOfTwoObjectsCountsWhole() throws {
        let first = #"{"type": "whereabouts", "etcd_host": "a", "range": "10.0.0.0/24", "gateway": "10.0.0.1"}"#
        let second =
            #"{"type": "whereabouts", "etcd_host": "b", "range": "10.1.0.0/24", "dns": {"domain": "x"}, "DNS": {}}"#
        let network = #"{"name": "lab", "ipam": \#(first), "IPAM": \#(second)}"#
        let configuration = try ConfigurationLoader.load(network: network)
        #expect(configuration.demands.map(\.pool.range.description) == ["10.1.0.0/24"])
        #expect(configuration.gateway == nil)
        #expect(configuration.dns == CNIResult.DNS())
    }

    /// Keys that are accepted, and change nothing here: their datastore, their lock or their program is another.
    @Test(arguments: [
        #""datastore": "etcd""#,
        #""kubernetes": {"kubeconfig": "/etc/kubeconfig", "k8s_api_root": "https://10.96.0.1:443"}"#,
        #""leader_lease_duration": 1500"#,
        #""leader_renew_deadline": 1000"#,
        #""leader_retry_period": 500"#,
        #""reconciler_cron_expression": "30 4 * * *""#,
    ])
    func aKeyWithoutEffectIsAccepted(members: String) throws {
        let configuration = try ConfigurationLoader.load(members)
        #expect(String(reflecting: configuration) == String(reflecting: try ConfigurationLoader.load("")))
    }

    @Test(arguments: [("", Duration.zero), (#""sleep_for_race": 0"#, .zero), (#""sleep_for_race": 2"#, .seconds(2))])
    func sleepForRaceIsCarriedAlongAsATime(members: String, delay: Duration) throws {
        #expect(try ConfigurationLoader.load(members).policy.raceDelay == delay)
    }

    @Test(arguments: topLevel) func nullIsTheDefault(key: Key) throws {
        let required = ["type", "range", "etcd_host"]
        if required.contains(key.path) {
            let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(key.with("null")) }
            #expect(error?.key.hasSuffix(key.path) == true)
        } else {
            let configuration = try ConfigurationLoader.load(key.with("null"))
            #expect(String(reflecting: configuration) == String(reflecting: try ConfigurationLoader.load("")))
        }
    }

    @Test(arguments: topLevel) func theZeroValueIsTheDefault(key: Key) throws {
        let required = ["type", "range", "etcd_host"]
        let zeros = [Self.text: #""""#, Self.list: "[]", Self.object: "{}", Self.number: "0"]
        // False is no default: this key's is true.
        guard let zero = zeros[key.type], !required.contains(key.path) else { return }
        let configuration = try ConfigurationLoader.load(key.with(zero))
        #expect(String(reflecting: configuration) == String(reflecting: try ConfigurationLoader.load("")))
    }

    @Test func theDefaultsAreThoseOfTheDocument() throws {
        let configuration = try ConfigurationLoader.load("")
        #expect(configuration.network == "lab")
        #expect(configuration.node == "node-a")
        #expect(configuration.gateway == nil)
        #expect(configuration.routes.isEmpty)
        #expect(configuration.dns == CNIResult.DNS())
        #expect(configuration.staticAddresses.isEmpty)
        #expect(configuration.log == LogSettings(file: nil, level: nil))
        var etcd = EtcdConfiguration(endpoints: [Endpoint(host: "etcd.example", port: 2379)])
        etcd.tokenCache = TokenCache(directory: "/run/whereabouts/etcd-tokens")
        #expect(configuration.store == .etcd(etcd))
        #expect(configuration.demands.map(\.domain.keyPart) == ["default"])
        #expect(configuration.notes.isEmpty)
    }

    @Test func unknownKeysAreNotedWithoutTheirValues() throws {
        let configuration = try ConfigurationLoader.load(
            #""zone": "hunter2", "Alpha": {"hunter2": 1}, "ipRanges": [{"range": "fd00::/64", "excludes": ["hunter2"]}]"#
        )
        #expect(configuration.notes == ["unknown keys: Alpha, zone, ipRanges[0].excludes"])
    }

    @Test func unknownKeysOfNestedObjectsAreNoted() throws {
        let configuration = try ConfigurationLoader.load(
            #"""
            "routes": [{"dst": "::/0"}, {"dst": "10.0.0.0/8", "gateway": "hunter2"}], "dns": {"nameserver": ["hunter2"]},
            "addresses": [{"address": "10.9.0.5/24", "gw": "hunter2"}], "kubernetes": {"kubeconfig": "/k", "token": "hunter2"}
            """#
        )
        #expect(
            configuration.notes == [
                "unknown keys: routes[1].gateway, dns.nameserver, addresses[0].gw, kubernetes.token"
            ]
        )
    }

    @Test(arguments: [
        (#""etcd_host": "a""#, true), (#""etcd_host": "https://a""#, false),
        (#""etcd_ca_cert_file": "/ca.crt""#, false),
    ])
    func passwordInClearTextIsNoted(members: String, isNoted: Bool) throws {
        let user = #""etcd_username": "whereabouts", "etcd_password": "hunter2""#
        let notes = try ConfigurationLoader.load("\(user), \(members)").notes
        #expect(notes.count == (isNoted ? 1 : 0))
        #expect(notes.allSatisfy { $0.contains("clear text") && !$0.contains("hunter2") })
    }

    @Test func boundsWithoutEffectAreNoted() throws {
        let configuration = try ConfigurationLoader.load(#""range_start": "10.9.0.1", "range_end": "10.0.0.7""#)
        #expect(configuration.demands.map(\.pool.bounds.description) == ["10.0.0.1-10.0.0.7"])
        #expect(configuration.notes == ["the start 10.9.0.1 is outside of 10.0.0.1-10.0.0.254 and is ignored"])
    }

    // MARK: - Values

    @Test(arguments: [
        ("etcd.example", ["etcd.example:2379"]),
        ("10.0.0.5:2380", ["10.0.0.5:2380"]),
        ("https://a:1,https://b:2/", ["https://a:1", "https://b:2"]),
        ("a:1, b:2 c:3,,a:1", ["a:1", "b:2", "c:3"]),
        ("[fd00::5]:2379", ["[fd00::5]:2379"]),
        (#"[\"a:1\", \"b\"]"#, ["a:1", "b:2379"]),
    ])
    func etcdHostIsOneEndpointOrAList(host: String, endpoints: [String]) throws {
        let configuration = try ConfigurationLoader.load("\"etcd_host\": \"\(host)\"")
        #expect(configuration.store.etcd?.endpoints.map(\.description) == endpoints)
    }

    @Test func etcdHostMayBeAnArray() throws {
        let configuration = try ConfigurationLoader.load(#""etcd_host": ["a:1", "b", "[fd00::5]"]"#)
        #expect(configuration.store.etcd?.endpoints.map(\.description) == ["a:1", "b:2379", "[fd00::5]:2379"])
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(#""etcd_host": 4711"#) }
        #expect(error?.description == "etcd_host must be a text in quotes, and is a number")
    }

    @Test func filesUserAndTokenCacheReachTheClient() throws {
        let configuration = try ConfigurationLoader.load(
            #"""
            "etcd_ca_cert_file": "/ca.crt", "etcd_cert_file": "/client.crt", "etcd_key_file": "/client.key",
            "etcd_username": "whereabouts", "etcd_password": "hunter2", "etcd_token_cache": "/run/tokens"
            """#
        )
        let etcd = try #require(configuration.store.etcd)
        #expect(etcd.tls == TLSConfiguration(caFile: "/ca.crt", certificateFile: "/client.crt", keyFile: "/client.key"))
        #expect(etcd.user == UserCredentials(name: "whereabouts", password: Secret("hunter2")))
        #expect(etcd.tokenCache == TokenCache(directory: "/run/tokens"))
        #expect(try ConfigurationLoader.load(#""etcd_token_cache": "none""#).store.etcd?.tokenCache == nil)
    }

    @Test func limitsAndTheJournalHaveDefaults() throws {
        let plain = try ConfigurationLoader.load("")
        #expect(plain.addTimeout == .seconds(120))
        #expect(plain.deleteTimeout == .seconds(60))
        #expect(plain.releaseJournal == ReleaseJournal(directory: "/var/lib/whereabouts/releases"))
        let given = try ConfigurationLoader.load(
            #""add_timeout": 7, "del_timeout": 3600, "release_journal": "/srv/releases""#
        )
        #expect(given.addTimeout == .seconds(7))
        #expect(given.deleteTimeout == .seconds(3600))
        #expect(given.releaseJournal == ReleaseJournal(directory: "/srv/releases"))
        #expect(try ConfigurationLoader.load(#""release_journal": "none""#).releaseJournal == nil)
    }

    @Test(arguments: ["debug", "verbose", "error", "panic", "DEBUG", "Panic"])
    func everyLogLevelIsAccepted(level: String) throws {
        let configuration = try ConfigurationLoader.load("\"log_level\": \"\(level)\"")
        let expected = try #require(LogSettings.levels[level.lowercased()])
        #expect(configuration.log == LogSettings(file: nil, level: expected))
    }

    @Test(arguments: [
        (#""network_name": "blue""#, ["network:blue", "network:blue"]),
        (#""enable_overlapping_ranges": false"#, ["default@10.0.0.0%2F24", "default@fd00%3A%3A%2F64"]),
        (#""enable_overlapping_ranges": true"#, ["default", "default"]),
        (
            #""network_name": "blue", "enable_overlapping_ranges": false"#,
            ["network:blue@10.0.0.0%2F24", "network:blue@fd00%3A%3A%2F64"]
        ),
    ])
    func theDomainIsTheNetworksAndWithoutOverlapTheRanges(members: String, domains: [String]) throws {
        let configuration = try ConfigurationLoader.load(members + #", "ipRanges": [{"range": "fd00::/64"}]"#)
        #expect(configuration.demands.map(\.domain.keyPart) == domains)
    }

    @Test func routesPassThroughWithAllTheirFields() throws {
        let routes = """
            "routes": [{"dst": "10.1.2.3/16", "gw": "10.0.0.1", "mtu": 1400, "advmss": 1360, "priority": 10, "table": 0, \
            "scope": 253}, {"dst": "::/0", "gw": null}]
            """
        #expect(
            try ConfigurationLoader.load(routes).routes == [
                CNIResult.Route(
                    destination: InterfaceAddress("10.1.2.3/16"),
                    gateway: IPAddress("10.0.0.1"),
                    mtu: 1400,
                    advertisedMSS: 1360,
                    priority: 10,
                    table: 0,
                    scope: 253
                ),
                CNIResult.Route(destination: InterfaceAddress("::/0")),
            ]
        )
    }

    @Test func dnsPassesThroughWithAllItsFields() throws {
        let dns = """
            "dns": {"nameservers": ["10.0.0.2", "fd00::2"], "domain": "example.org", "search": ["a.example.org", "b"], \
            "options": ["ndots:2", ""]}
            """
        #expect(
            try ConfigurationLoader.load(dns).dns
                == CNIResult.DNS(
                    nameservers: ["10.0.0.2", "fd00::2"],
                    domain: "example.org",
                    search: ["a.example.org", "b"],
                    options: ["ndots:2", ""]
                )
        )
    }

    @Test func staticAddressesPassThroughWithTheirGateways() throws {
        let addresses = #""addresses": [{"address": "10.9.0.7/16", "gateway": "10.9.0.1"}, {"address": "fd00::7/64"}]"#
        let configuration = try ConfigurationLoader.load(addresses)
        #expect(configuration.staticAddresses.map(\.address.description) == ["10.9.0.7/16", "fd00::7/64"])
        #expect(configuration.staticAddresses.map(\.gateway?.description) == ["10.9.0.1", nil])
    }
}
