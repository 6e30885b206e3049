import EtcdLab
import Foundation
import TestSupport
import Testing

/// `whereabouts validate`: what a call of the plugin would make of a configuration, without a datastore.
@Suite(.timeLimit(.minutes(5))) struct ValidateTests {
    let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory("validate")
    }

    @discardableResult
    private func write(_ name: String, _ contents: String) throws -> String {
        try Data(contents.utf8).write(to: directory.url.appendingPathComponent(name))
        return directory.path(name)
    }

    private func program(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = ["NODENAME": "node-a"]
    ) throws -> RunningProcess.Outcome {
        try RunningProcess(Plugin.path, arguments, environment: environment, input: Data(input.utf8)).wait()
    }

    /// The effective configurations of a run that found nothing wrong.
    private func effective(_ outcome: RunningProcess.Outcome) throws -> [[String: Any]] {
        #expect(outcome.status == 0, "\(outcome)")
        return try #require(outcome.json?["plugins"] as? [[String: Any]], "\(outcome)")
    }

    @Test func theEffectiveConfigurationIsPrinted() throws {
        let flatFile = try write(
            "whereabouts.conf",
            """
            {"etcd_host": ["etcd-0:2379", "etcd-1"], "etcd_username": "whereabouts", "etcd_password": "hunter2",
             "log_file": "/var/log/whereabouts.log", "range": "10.99.0.0/16", "zeta": 1, "IPRANGES": [{"range": "fd00:20::/64",
             "gateway": "fd00:20::1"}]}
            """
        )
        let network = """
            {"cniVersion": "0.4.0", "name": "lab", "type": "macvlan", "ipam": {"type": "whereabouts",
             "configuration_path": "\(flatFile)", "range": "10.20.0.7/24", "range_start": "10.20.0.9",
             "range_end": "10.99.0.1", "exclude": ["10.20.0.16/28", "10.20.0.20"], "gateway": "10.20.0.1",
             "network_name": "blue", "sleep_for_race": 2,
             "addresses": [{"address": "10.9.0.5/24", "gateway": "10.9.0.1"}],
             "routes": [{"dst": "0.0.0.0/0", "gw": "10.20.0.1"}], "dns": {"nameservers": ["10.20.0.2"]}}}
            """
        let outcome = try program("validate", input: network)
        let plugin = try #require(try effective(outcome).first)
        #expect(plugin["index"] == nil)
        #expect(plugin["name"] as? String == "lab")
        #expect(plugin["cniVersion"] as? String == "0.4.0")
        #expect(plugin["type"] as? String == "macvlan")
        #expect(plugin["node"] as? String == "node-a")
        let flat = try #require(plugin["flatFile"] as? [String: Any])
        #expect(flat["path"] as? String == flatFile)
        #expect(flat["keys"] as? [String] == ["etcd_host", "etcd_password", "etcd_username", "ipRanges", "log_file"])
        let ranges = try #require(plugin["ranges"] as? [[String: Any]])
        #expect(ranges.map { $0["range"] as? String } == ["10.20.0.0/24", "fd00:20::/64"])
        #expect(ranges.map { $0["first"] as? String } == ["10.20.0.9", "fd00:20::1"])
        #expect(ranges.map { $0["last"] as? String } == ["10.20.0.254", "fd00:20::ffff:ffff:ffff:fffe"])
        // Beyond 64 bits what a double holds.
        #expect(ranges.map { ($0["capacity"] as? NSNumber)?.doubleValue } == [230, Double(UInt64.max - 2)])
        #expect(ranges.map { $0["exclude"] as? [String] } == [["10.20.0.16-10.20.0.31"], ["fd00:20::1"]])
        #expect(ranges.map { $0["gateway"] as? String } == ["10.20.0.1", "fd00:20::1"])
        #expect(ranges.map { $0["domain"] as? String } == ["network blue", "network blue"])
        let etcd = try #require(plugin["etcd"] as? [String: Any])
        #expect(etcd["etcd_host"] as? [String] == ["etcd-0:2379", "etcd-1:2379"])
        #expect(etcd["tls"] as? Bool == false)
        #expect(etcd["etcd_username"] as? String == "whereabouts")
        #expect(etcd["etcd_password"] as? String == "********")
        #expect(etcd["etcd_token_cache"] as? String == "/run/whereabouts/etcd-tokens")
        let log = try #require(plugin["log"] as? [String: Any])
        #expect(log["log_file"] as? String == "/var/log/whereabouts.log")
        #expect(log["log_level"] as? String == "debug")
        let limits = try #require(plugin["limits"] as? [String: Any])
        #expect(limits["add"] as? Int == 120)
        #expect(limits["raceDelay"] as? Int == 2)
        #expect((plugin["routes"] as? [[String: Any]])?.first?["gw"] as? String == "10.20.0.1")
        #expect((plugin["addresses"] as? [[String: Any]])?.first?["address"] as? String == "10.9.0.5/24")
        #expect((plugin["dns"] as? [String: Any])?["nameservers"] as? [String] == ["10.20.0.2"])

        let notes = try #require(plugin["notes"] as? [String])
        #expect(outcome.errors == notes.map { "whereabouts: stdin: note: \($0)\n" }.joined())
        for part in ["the end 10.99.0.1 is outside", "clear text", "unknown keys: zeta (flat file)"] {
            #expect(notes.contains { $0.contains(part) }, "\(notes)")
        }
        #expect(!outcome.output.contains("hunter2") && !outcome.errors.contains("hunter2"))
        #expect(!FileManager.default.fileExists(atPath: "/var/log/whereabouts.log"))
    }

    @Test func everyPluginOfAListThatIsOursIsChecked() throws {
        let ours = #""etcd_host": "etcd", "range": "10.20.0.0/24""#
        let list = """
            {"cniVersion": "1.0.0", "name": "lab", "plugins": [
             {"type": "bridge", "ipam": {"type": "whereabouts", \(ours)}}, {"type": "tuning"},
             {"type": "ptp", "ipam": {"type": "host-local"}}, {"type": "ptp", "ipam": {"type": "whereabouts", MORE \(ours)}}]}
            """
        let file = try write("10-lab.conflist", list.replacing("MORE", with: ""))
        let good = try program("validate", file)
        #expect(try effective(good).map { $0["index"] as? Int } == [0, 3])
        #expect(good.errors.isEmpty)

        try write("10-lab.conflist", list.replacing("MORE", with: #""gateway": "10.20","#))
        let bad = try program("validate", file)
        #expect(bad.status == 1)
        #expect(bad.output.isEmpty)
        #expect(
            bad.errors.hasPrefix("whereabouts: \(file): plugins[3]: invalid configuration: gateway: \"10.20\" is no")
        )
        #expect(bad.errors.hasSuffix(" (CNI code 7)\n"))
        #expect(bad.errors.count(where: \.isNewline) == 1)
    }

    /// Each row: a document, and how the line on stderr goes on behind the place.
    static let bad = [
        ("", "network configuration is not valid JSON: line 1, column 1: input is empty (CNI code 6)"),
        ("[]", "network configuration must be an object, not an array (CNI code 6)"),
        (#"{"cniVersion": "1.0.0", "name": "lab", "plugins": [{"type": "tuning"}]}"#, "no plugin of the list has"),
        (#"{"cniVersion": "2.0.0", "name": "lab", "ipam": {}}"#, "incompatible CNI versions: config is \"2.0.0\""),
        (#"{"cniVersion": "1.0.0", "ipam": {}}"#, "missing network name (CNI code 7)"),
        (#"{"name": "lab"}"#, "invalid configuration: ipam is missing;"),
        (#"{"name": "lab", "ipam": {"type": "static"}}"#, #"invalid configuration: ipam.type: "static" is not ours"#),
        (Plugin.configuration(etcd: ""), "invalid configuration: etcd_host is missing; you have not configured"),
        (
            Plugin.configuration(etcd: "https://a", #""range": "10.0.0.0/24", "etcd_ca_cert_file": "/none/ca.crt""#),
            "invalid configuration: etcd_ca_cert_file: /none/ca.crt can't be read:"
        ),
        (
            Plugin.configuration(etcd: "a", #""range": "10.0.0.0/24", "etcd_cert_file": "/none/client.crt""#),
            "invalid configuration: etcd_key_file: the client certificate /none/client.crt is configured without"
        ),
    ]

    @Test(arguments: bad) func anErrorIsThePluginsOwn(document: String, message: String) throws {
        let outcome = try program("validate", "-", input: document)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("whereabouts: stdin: \(message)"), "\(outcome.errors)")

        let call = try Plugin.call("ADD", container: "c1", configuration: document)
        if message.hasPrefix("no plugin") {
            return
        }
        let code = try #require(call.errorCode)
        #expect(outcome.errors == "whereabouts: stdin: \(call.errorText) (CNI code \(code))\n")
    }

    @Test func aFileForTLSOfTheFlatFileIsNamedWithTheFlatFile() throws {
        let flatFile = try write("whereabouts.conf", #"{"etcd_ca_cert_file": "/none/ca.crt"}"#)
        let network = Plugin.configuration(
            etcd: "etcd:2379",
            #""range": "10.0.0.0/24", "configuration_path": "\#(flatFile)""#
        )
        let outcome = try program("validate", input: network)
        #expect(outcome.status == 1)
        let message = "invalid configuration: \(flatFile): etcd_ca_cert_file: /none/ca.crt can't be read"
        #expect(outcome.errors.hasPrefix("whereabouts: stdin: \(message)"), "\(outcome.errors)")
        #expect(try Plugin.call("DEL", container: "c1", configuration: network).errorText.hasPrefix(message))
    }

    /// Each row: TLS files that an ADD refuses when it connects, the key, and a part of the reason.
    static let undecodable: [(files: [String], key: String, reason: String)] = [
        (
            ["damaged.crt", "client-ecdsa.crt", "client-ecdsa.key"], "etcd_ca_cert_file",
            "holds no certificate that can be decoded"
        ),
        (
            ["truncated.crt", "client-ecdsa.crt", "client-ecdsa.key"], "etcd_ca_cert_file",
            "holds no certificate that can be decoded"
        ),
        (["ca.crt", "damaged.crt", "client-ecdsa.key"], "etcd_cert_file", "holds a certificate that can't be decoded"),
        (
            ["ca.crt", "truncated.crt", "client-ecdsa.key"], "etcd_cert_file",
            "holds a certificate that can't be decoded"
        ),
        (["ca.crt", "client-ecdsa.crt", "damaged.key"], "etcd_key_file", "holds a private key that can't be decoded"),
        (
            ["ca.crt", "client-ecdsa.crt", "truncated.key"], "etcd_key_file",
            "holds a private key that can't be decoded"
        ),
        (["ca.crt", "client-ecdsa.crt", "client-rsa.key"], "etcd_key_file", "is not the key of the certificate"),
    ]

    private func network(tls files: [String], _ host: String = "https://127.0.0.1:1") -> String {
        let keys = zip(["etcd_ca_cert_file", "etcd_cert_file", "etcd_key_file"], files)
        let tls = keys.map { #""\#($0)": "\#(TLSFixture.path($1))""# }.joined(separator: ", ")
        return Plugin.configuration(etcd: host, #""range": "10.0.0.0/24", \#(tls)"#)
    }

    @Test(arguments: undecodable) func filesForTLSThatAnADDRefusesAreRefused(
        row: (files: [String], key: String, reason: String)
    ) throws {
        let outcome = try program("validate", input: network(tls: row.files))
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("whereabouts: stdin: invalid configuration: \(row.key): "), "\(outcome)")
        #expect(outcome.errors.contains(row.reason), "\(outcome)")
        #expect(!outcome.errors.contains(": ."), "\(outcome)")

        let proxy = try TCPProxy(.silence)
        let add = try Plugin.call(
            "ADD",
            container: "c1",
            configuration: network(tls: row.files, "https://\(proxy.endpoint)")
        )
        #expect(add.errorCode == 7, "\(add)")
        #expect(add.errorText.contains("\(row.key): ") && add.errorText.contains(row.reason), "\(add)")
        #expect(!add.errorText.contains(": ."), "\(add)")
    }

    @Test func anExpiredClientCertificateIsNoted() throws {
        let files = ["ca.crt", "client-expired.crt", "client-expired.key"]
        let outcome = try program("validate", input: network(tls: files))
        let plugin = try #require(try effective(outcome).first)
        let note = "etcd_cert_file: the certificate of CN=whereabouts was valid until "
        #expect((plugin["notes"] as? [String])?.contains { $0.hasPrefix(note) } == true, "\(outcome)")
        #expect(outcome.errors.contains("whereabouts: stdin: note: \(note)"), "\(outcome)")
        let good = try program("validate", input: network(tls: ["ca.crt", "client-ecdsa.crt", "client-ecdsa.key"]))
        #expect(try effective(good).count == 1 && good.errors.isEmpty, "\(good)")
    }

    @Test func aDocumentOfAnotherKindIsRecognized() throws {
        let manifest = "the manifest of a NetworkAttachmentDefinition: give the text of its spec.config"
        let text = Plugin.configuration(etcd: "a").replacing("\"", with: "\\\"")
        for (document, kind) in [
            (#"{"etcd_host": "a", "log_level": "debug"}"#, "a flat file"),
            (#"{"datastore": "kubernetes", "kubernetes": {"kubeconfig": "/k"}}"#, "a flat file"),
            ("apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nspec:\n  config: '{}'\n", manifest),
            (
                #"{"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "spec": {"config": "\#(text)"}}"#,
                manifest
            ),
        ] {
            let outcome = try program("validate", input: document)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("; this looks like \(kind)"), "\(outcome)")
        }
    }

    @Test func theProgramTellsHowItIsUsed() throws {
        let help = try program("--help")
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(help.output.contains("whereabouts validate [FILE]"))
        #expect(try program("validate", "--help").output == help.output)
        let version = try program("--version")
        #expect(version.status == 0 && version.errors.isEmpty)
        #expect(version.output.hasPrefix("whereabouts "))
        #expect(try program().errors == version.output)
        let unknown = try program("check")
        #expect(unknown.status == 64 && unknown.output.isEmpty)
        #expect(unknown.errors == "whereabouts: there is no command \"check\"; see whereabouts --help\n")
        let missing = try program("validate", directory.path("none"))
        #expect(missing.status == 1 && missing.errors.contains(directory.path("none") + ": can't be read"))
    }

    @Test func aCallOfARuntimeDoesNotLookAtArguments() throws {
        let outcome = try program(
            "validate",
            input: #"{"cniVersion": "1.0.0"}"#,
            environment: ["CNI_COMMAND": "VERSION"]
        )
        #expect(outcome.status == 0)
        #expect(outcome.json?["supportedVersions"] != nil)
    }
}
