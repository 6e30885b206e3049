import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// The password for etcd, in whatever form and place, shows up nowhere: not on stdout or stderr, in no log, in no file or its
/// name, and not in etcd.
@Suite(.timeLimit(.minutes(10))) struct SecrecyTests {
    /// A configuration with secrets in it, and how an ADD with it ends.
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// What is written to stdin, with ETCD, LOG and FLAT for the endpoint and the files.
        var network: String
        /// The flat file.
        var flatFile = ""
        /// The error's code with etcd up and with etcd down; nil for success.
        var code: Int?
        var codeWithoutEtcd: Int?
        /// Whether a DEL does without what is wrong.
        var isReleased = false

        /// An error of the configuration, for which etcd does not matter.
        static func refused(
            _ description: String,
            _ members: String,
            flatFile: String = "",
            code: Int = 7,
            isReleased: Bool = false
        ) -> Case {
            Case(
                testDescription: description,
                network: network(members),
                flatFile: flatFile,
                code: code,
                codeWithoutEtcd: code,
                isReleased: isReleased
            )
        }

        /// A configuration that does with the secret left aside.
        static func ignored(_ description: String, _ members: String, flatFile: String = "") -> Case {
            Case(testDescription: description, network: network(members), flatFile: flatFile, codeWithoutEtcd: 11)
        }

        private static func network(_ members: String) -> String {
            """
            {"cniVersion": "1.0.0", "name": "lab", "type": "bridge", "ipam": {"type": "whereabouts", "release_journal": "none", \
            "configuration_path": "FLAT", "log_file": "LOG", "log_level": "debug", "etcd_host": "ETCD", \
            "etcd_token_cache": "CACHE", \
            "range": "10.20.0.0/24", \(members)}}
            """
        }
    }

    /// A text and a number, which a message may not hold.
    static let secrets = [PlantedPassword.text, "918273645"]

    private static let addresses = #""addresses": [{"address": "10.9.0.1/24"}, {"address": "10.9.0.1/24"}]"#
    private static let routes = #""routes": [{"dst": "10.0.0.0/8", "gw": "fd00::1"}]"#

    static let cases: [Case] = [
        .refused("a text", #""etcd_password": "hunter2""#),
        .refused("another case", #""Etcd_Password": "hunter2""#),
        .refused("a number", #""etcd_password": 918273645"#),
        .refused("a fraction", #""etcd_password": 918273645.5"#),
        .refused("a list", #""etcd_password": ["hunter2"]"#),
        .refused("an object", #""etcd_password": {"hunter2": "hunter2"}"#),
        .refused("beside a range that is none", #""range": "10.20.0.0/33", "etcd_password": "hunter2""#),
        .refused("beside a wrong type", #""exclude": 7, "etcd_password": "hunter2""#),
        .refused("in the place of a list", #""exclude": "hunter2""#, isReleased: true),
        .refused("in the place of an object", #""dns": "hunter2""#, isReleased: true),
        .refused("in the place of a number", #""sleep_for_race": "hunter2""#, isReleased: true),
        .refused("in the place of an endpoint's user", #""etcd_host": "http://root:hunter2@ETCD""#),
        .refused("with a key file", #""etcd_key_file": "/hunter2", "etcd_password": "hunter2""#),
        .refused("with another datastore", #""datastore": "kubernetes", "etcd_password": "hunter2""#),
        .refused("with another type", #""type": "host-local", "etcd_password": "hunter2""#),
        .refused("in JSON that ends too early", #""etcd_password": "hunter2" "x""#, code: 6),
        .refused("without quotes", #""etcd_password": hunter2"#, code: 6),
        .refused("with an unknown escape", #""etcd_password": "\hunter2""#, code: 6),
        .refused("with a line break", "\"etcd_password\": \"hunter2\n\"", code: 6),
        .refused("without a closing quote", #""etcd_password": "hunter2, "x": 1"#, code: 6),
        .refused("with a lone surrogate", #""etcd_password": "hunter2\ud800""#, code: 6),
        .refused("as a number that is too large", #""etcd_password": 918273645e999"#, code: 6),
        .refused("in the flat file", #""x": 1"#, flatFile: #"{"etcd_password": "hunter2"}"#),
        .refused("in the flat file, as a number", #""x": 1"#, flatFile: #"{"etcd_password": 918273645}"#),
        .refused("in the flat file, as an object", #""x": 1"#, flatFile: #"{"etcd_password": {"hunter2": "hunter2"}}"#),
        .refused("in a broken flat file", #""x": 1"#, flatFile: #"{"etcd_password": "hunter2" "x""#),
        .refused("in a flat file that is a text", #""x": 1"#, flatFile: #""hunter2""#),
        .refused(
            "in an endpoint of the flat file",
            #""etcd_host": """#,
            flatFile: #"{"etcd_host": "root:hunter2@ETCD"}"#
        ),
        .refused(
            "given twice, once as a list",
            #""etcd_username": "root", "etcd_password": "hunter2", "Etcd_Password": ["hunter2"]"#
        ),
        .refused("beside a static address that repeats", addresses + #", "etcd_password": "hunter2""#),
        .refused("beside a route to the other family", routes + #", "etcd_password": "hunter2""#),
        .refused("beside a test hook that is too long", #""sleep_for_race": 4711, "etcd_password": "hunter2""#),
        .refused(
            "beside a bad value of the flat file",
            #""x": 1"#,
            flatFile: #"{"gateway": "10.20", "etcd_password": "hunter2"}"#
        ),
        .ignored("below a misspelt key", #""etcd_pasword": "hunter2""#),
        .ignored("below a misspelt key of the flat file", #""x": 1"#, flatFile: #"{"etcd_passwd": {"x": "hunter2"}}"#),
        .ignored("a text with a user", #""etcd_username": "root", "etcd_password": "hunter2""#),
        .ignored("below another object", #""kubernetes": {"etcd_password": "hunter2"}"#),
        .ignored("in a range", #""ipRanges": [{"range": "fd00:20::/64", "etcd_password": 918273645}]"#),
        .ignored("null, and a comment on it", #""etcd_password": null, "comment": "was hunter2""#),
        Case(
            testDescription: "outside of ipam",
            network: """
                {"cniVersion": "1.0.0", "name": "lab", "etcd_password": "hunter2", "args": {"cni": {"x": "hunter2"}}, \
                "ipam": {"type": "whereabouts", "release_journal": "none", "etcd_host": "ETCD", "range": "10.20.0.0/24", \
                "log_file": "LOG"}}
                """,
            codeWithoutEtcd: 11
        ),
        Case(
            testDescription: "as the whole of stdin",
            network: #""hunter2""#,
            code: 6,
            codeWithoutEtcd: 6
        ),
        Case(
            testDescription: "as ipam",
            network: #"{"cniVersion": "1.0.0", "name": "lab", "ipam": "hunter2"}"#,
            code: 7,
            codeWithoutEtcd: 7
        ),
    ]

    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("secrecy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    @Test func noSecretShowsWhileEtcdIsUp() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let etcd = try EtcdServer()
        for (index, row) in Self.cases.enumerated() {
            // The last one is left, so that there is a record to look at.
            for command in ["ADD", "DEL", "ADD"] {
                let code = command == "DEL" && row.isReleased ? nil : row.code
                expectSecrecy(row, try call(row, command, container: "c\(index)", etcd: etcd.endpoint), code: code)
            }
        }
        for (index, row) in Self.cases.enumerated() {
            for command in ["CHECK", "GC", "STATUS", "VERSION", "validate", "validate FILE"] {
                expectNoSecret(row, command, try call(row, command, container: "c\(index)", etcd: etcd.endpoint))
            }
        }
        expectNoSecretInFiles("etcd is up")
        let all = try etcd.client().range(RangeRequest(.from("")), deadline: .after(.seconds(10))).keyValues
        #expect(all.count > Self.cases.count { $0.code == nil })
        for keyValue in all {
            let text = "\(keyValue.key) \(String(decoding: keyValue.value, as: UTF8.self))"
            #expect(!Self.secrets.contains(where: text.contains), "\(text)")
        }
    }

    @Test func noSecretShowsWhileEtcdIsDown() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let port = try RefusingPort()
        // The plugin tries for seconds, so all do at once.
        let calls = Self.cases.enumerated().map { index, row in
            BackgroundCall { [self] in try call(row, "ADD", container: "c\(index)", etcd: port.endpoint) }
        }
        for (row, call) in zip(Self.cases, calls) {
            expectSecrecy(row, try call.value(), code: row.codeWithoutEtcd)
        }
        let loadable = Self.cases.filter { $0.codeWithoutEtcd == 11 }
        let others = ["CHECK", "DEL", "GC", "STATUS"].flatMap { command in loadable.map { (command, $0) } }
        let otherCalls = others.enumerated().map { index, other in
            BackgroundCall { [self] in
                try call(other.1, other.0, container: "d\(index)", etcd: port.endpoint)
            }
        }
        for (other, call) in zip(others, otherCalls) {
            expectNoSecret(other.1, other.0, try call.value())
        }
        expectNoSecretInFiles("etcd is down")
    }

    /// Where etcd demands the password, what is kept for the next process is a token: in a file whose name tells nothing.
    @Test(arguments: [true, false]) func noSecretShowsWhereEtcdDemandsIt(isRight: Bool) throws {
        let password = isRight ? Self.secrets[0] : Self.secrets[1]
        defer { try? FileManager.default.removeItem(at: directory) }
        let etcd = try EtcdServer()
        try etcd.enableAuthentication(
            EtcdUser("whereabouts", password: Self.secrets[0], access: .readWrite(prefix: "/whereabouts/"))
        )
        let row = Case.ignored(
            isRight ? "the right password" : "a wrong password",
            #"""
            "etcd_username": "whereabouts", "etcd_password": "\#(password)", "etcd_token_cache": "\#(directory.path)/cache"
            """#
        )
        for command in ["ADD", "ADD", "CHECK", "DEL", "GC", "STATUS", "validate"] {
            let traces = try call(row, command, container: "c1", etcd: etcd.endpoint)
            if command == "ADD" || command == "DEL" {
                #expect(traces.outcome.errorCode == (isRight ? nil : 102), "\(traces)")
            }
            expectNoSecret(row, command, traces)
        }
        expectNoSecretInFiles("etcd demands it")
        let tokens = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/cache")
        #expect(!tokens.isEmpty)
    }

    @Test func searchOfEveryRunFindsTheSecret() throws {
        let secret = Self.secrets[0]
        let log = try ScratchDirectory("log")
        try Data("password \(secret)\n".utf8).write(to: log.url.appendingPathComponent("log"))
        let input = Data(#"{"log_file": "\#(log.path("log"))"}"#.utf8)
        for (script, input) in [("echo \(secret)", Data()), ("echo \(secret) >&2", Data()), ("cat", input)] {
            #expect(throws: LeakedSecret.self, "\(script)") {
                try RunningProcess("/bin/sh", ["-c", script], input: input, secret: secret).wait()
            }
        }
    }

    /// The directories in which a call may leave something, beside the test's own.
    private static let places = ["/run/whereabouts", "/var/lib/whereabouts", "/var/lib/cni/whereabouts"]

    /// Expects that no file has a secret in its name, nor in its text unless the test wrote it.
    private func expectNoSecretInFiles(_ comment: Comment) {
        for place in [directory.path] + Self.places {
            for case let name as String in FileManager.default.enumerator(atPath: place) ?? .init() {
                #expect(!Self.secrets.contains(where: name.contains), comment)
                guard !name.hasPrefix("flat-"), !name.hasPrefix("network-"),
                    let contents = FileManager.default.contents(atPath: "\(place)/\(name)")
                else { continue }
                let text = String(decoding: contents, as: UTF8.self)
                #expect(!Self.secrets.contains(where: text.contains), "\(place)/\(name): \(comment)")
            }
        }
    }

    /// All that a call of the plugin leaves to read.
    private struct Traces: Sendable {
        let outcome: RunningProcess.Outcome
        let log: String
    }

    private func call(_ row: Case, _ command: String, container: String, etcd: String) throws -> Traces {
        let log = directory.appendingPathComponent("log-\(container)")
        let flatFile = directory.appendingPathComponent("flat-\(container)")
        func filled(_ text: String) -> String {
            text.replacingOccurrences(of: "ETCD", with: etcd)
                .replacingOccurrences(of: "LOG", with: log.path)
                .replacingOccurrences(of: "FLAT", with: flatFile.path)
                .replacingOccurrences(of: "CACHE", with: directory.path + "/cache")
        }
        if !row.flatFile.isEmpty {
            try Data(filled(row.flatFile).utf8).write(to: flatFile)
        }
        let network = filled(row.network)
        let outcome =
            switch command {
            case "validate":
                try RunningProcess(Plugin.path, ["validate"], environment: [:], input: Data(network.utf8)).wait()
            case "validate FILE":
                try validate(network, file: directory.appendingPathComponent("network-\(container)"))
            default:
                try Plugin.call(command, container: container, configuration: Self.adapted(network, to: command))
            }
        return Traces(outcome: outcome, log: (try? String(contentsOf: log, encoding: .utf8)) ?? "")
    }

    private func validate(_ network: String, file: URL) throws -> RunningProcess.Outcome {
        try Data(network.utf8).write(to: file)
        return try RunningProcess(Plugin.path, ["validate", file.path], environment: [:]).wait()
    }

    /// A network with what a verb demands beside the configuration.
    private static func adapted(_ network: String, to command: String) -> String {
        let version = #""cniVersion": "1.0.0""#
        let addition =
            switch command {
            case "CHECK": version + #", "prevResult": {"cniVersion": "1.0.0", "ips": [{"address": "10.20.0.1/24"}]}"#
            case "GC": #""cniVersion": "1.1.0", "cni.dev/valid-attachments": []"#
            case "STATUS": #""cniVersion": "1.1.0""#
            default: version
            }
        return network.replacingOccurrences(of: version, with: addition)
    }

    private func expectNoSecret(_ row: Case, _ command: String, _ traces: Traces) {
        let comment = Comment(rawValue: "\(command), \(row.testDescription): \(traces)")
        for text in [traces.outcome.output, traces.outcome.errors, traces.log] {
            #expect(!Self.secrets.contains(where: text.contains), comment)
        }
        if command == "validate" {
            #expect(traces.outcome.status == ([6, 7].contains(row.code) ? 1 : 0), comment)
        }
    }

    private func expectSecrecy(_ row: Case, _ traces: Traces, code: Int?) {
        let outcome = traces.outcome
        let comment = Comment(rawValue: "\(row.testDescription): \(traces)")
        #expect(outcome.errorCode == code, comment)
        #expect((outcome.status == 0) == (code == nil), comment)
        // Nothing is tested unless there is a secret to show and, where the configuration can be read, a log to look at.
        #expect(Self.secrets.contains { (row.network + row.flatFile).contains($0) }, comment)
        #expect(traces.log.isEmpty == (code == 6 || !row.network.contains("LOG")), comment)
        for text in [outcome.output, outcome.errors, traces.log] {
            #expect(!Self.secrets.contains(where: text.contains), comment)
        }
    }
}
