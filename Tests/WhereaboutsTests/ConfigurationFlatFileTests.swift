import CNI
import EtcdLab
import Foundation
import IPAM
import IPTypes
import JSON
import TestSupport
import Testing

@testable import Whereabouts

/// Where the flat file is looked for, and how it and the network configuration go together.
@Suite struct ConfigurationFlatFileTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    // MARK: - The places

    @Test(arguments: 0..<8) func theFirstFileThatExistsCounts(existing: Int) throws {
        let names = ["named.conf", "first.conf", "second.conf"]
        for (index, name) in names.enumerated() where existing >> index & 1 == 1 {
            // Each file has a key that no other one has: nothing of a later file may count.
            let contents = #"{"network_name": "\#(name)", "exclude": ["10.0.0.\#(index)/32"]}"#
            try directory.write(name, contents)
        }
        let configuration = try ConfigurationLoader.load(
            #""configuration_path": "\#(directory.path(names[0]))""#,
            flatFilePaths: [directory.path(names[1]), directory.path(names[2])]
        )
        let expected = names.indices.first { existing >> $0 & 1 == 1 }
        let demand = try #require(configuration.demands.first)
        #expect(demand.domain.networkName == expected.map { names[$0] } ?? "")
        let isExcluded = try (1...2).map { !demand.pool.allocatable.contains(try IPAddress("10.0.0.\($0)")) }
        #expect(isExcluded == [expected == 1, expected == 2])
    }

    @Test func aDirectoryStandsForTheFileInIt() throws {
        try directory.write("etc/whereabouts.conf", #"{"network_name": "blue"}"#)
        for path in [directory.path("etc"), directory.path("etc/")] {
            let configuration = try ConfigurationLoader.load(#""configuration_path": "\#(path)""#)
            #expect(configuration.demands.first?.domain.networkName == "blue")
        }
    }

    @Test(arguments: ["empty", "nowhere", "nowhere/whereabouts.conf", "", "second.conf/whereabouts.conf"])
    func aPathWithoutAFileFallsThroughToTheNextPlace(named: String) throws {
        try directory.make("empty")
        let second = try directory.write("second.conf", #"{"network_name": "blue"}"#)
        let path = named.isEmpty ? "" : directory.path(named)
        let configuration = try ConfigurationLoader.load(
            #""configuration_path": "\#(path)""#,
            flatFilePaths: [directory.path("first.conf"), second]
        )
        #expect(configuration.demands.first?.domain.networkName == "blue")
        #expect(configuration.notes == (named.isEmpty ? [] : ["configuration_path: there is no file \(path)"]))
    }

    // MARK: - Files that can't be used

    @Test(arguments: [
        ("", " is not valid JSON: line 1, column 1: input is empty"),
        ("{\n\"range\": \"10.1/16\",}", " is not valid JSON: line 2, column 20: no key"),
        (#"{"etcd_password": "hunter2"#, " is not valid JSON: line 1, column 27: string is not closed"),
        (#"{"etcd_password": hunter2}"#, " is not valid JSON: line 1, column 19: no value"),
        (#"["hunter2"]"#, " must be an object with keys of ipam, and is an array"),
        (#"{"etcd_password": ["hunter2"]}"#, ": etcd_password must be a text in quotes"),
        (#"{"exclude": "hunter2"}"#, ": exclude must be a list"),
        (#"{"ipRanges": [{}, {"exclude": [2]}]}"#, ": ipRanges[1].exclude[0] must be a text in quotes"),
        (#"{"dns": {"search": {"x": "hunter2"}}}"#, ": dns.search must be a list"),
        (#"{"kubernetes": {"kubeconfig": 7}}"#, ": kubernetes.kubeconfig must be a text in quotes"),
    ])
    func anErrorInTheFileNamesTheFile(contents: String, message: String) throws {
        let file = try directory.write("whereabouts.conf", contents)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load("", flatFilePaths: [file])
        }
        let description = error?.description ?? ""
        #expect(description.hasPrefix(file + message), "\(description)")
        #expect(!description.contains("hunter2"))
    }

    /// Each row: members of the network, the flat file, and the error, with FILE for the file's path.
    static let badValues = [
        ("", #"{"gateway": "10.0.0"}"#, "FILE: gateway: "),
        ("", #"{"ipRanges": [{"range": "fd00::/64"}, {"range": "x"}]}"#, "FILE: ipRanges[1].range: "),
        ("", #"{"EXCLUDE": ["10.0.0.300"]}"#, "FILE: exclude[0]: "),
        ("", #"{"range_start": "ten"}"#, "FILE: range_start: "),
        ("", #"{"routes": [{"dst": "10.0.0.0/8", "gw": "::1"}]}"#, "FILE: routes[0].gw: "),
        ("", #"{"log_level": "loud"}"#, "FILE: log_level: "),
        (#""etcd_host": """#, #"{"etcd_host": "a:x"}"#, "FILE: etcd_host: "),
        (#""etcd_host": null"#, #"{"etcd_host": []}"#, "etcd_host is missing"),
        // What is missing beside a value of the file.
        ("", #"{"etcd_password": "hunter2"}"#, "FILE: etcd_username is missing"),
        ("", #"{"etcd_username": "root"}"#, "FILE: etcd_password is missing"),
        (#""etcd_username": "root""#, #"{"etcd_ca_cert_file": "/ca.crt"}"#, "etcd_password is missing"),
        // What the network has itself is the network's own, whatever stands in the file.
        (#""gateway": "10.0""#, #"{"gateway": "10.0.0"}"#, "gateway: "),
        (#""Gateway": "10.0""#, #"{"gateway": "10.0.0.1"}"#, "gateway: "),
        (#""range": "x""#, #"{"range": "10.0.0.0/24"}"#, "range: "),
    ]

    @Test(arguments: badValues) func aBadValueOfTheFileNamesTheFile(
        row: (members: String, file: String, message: String)
    ) throws {
        let file = try directory.write("whereabouts.conf", row.file)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(row.members, flatFilePaths: [file])
        }
        let message = row.message.replacing("FILE", with: file)
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test func aFileThatCannotBeReadIsNamed() throws {
        // Root can read any file, but no directory.
        try directory.make("whereabouts.conf")
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(#""configuration_path": "\#(directory.path)""#)
        }
        #expect(
            error?.description
                == directory.path("whereabouts.conf") + " exists and can't be read; check its owner and mode"
        )
    }

    // MARK: - The merge

    /// Each row: a key, a value for the network, another for the file, and the zero value.
    static let keys = [
        ("range", #""10.1.0.0/24""#, #""10.2.0.0/24""#, #""""#),
        ("range_start", #""10.0.0.16""#, #""10.0.0.32""#, #""""#),
        ("range_end", #""10.0.0.116""#, #""10.0.0.132""#, #""""#),
        ("exclude", #"["10.0.0.16/28"]"#, #"["10.0.0.32/28", "10.0.0.64/32"]"#, "[]"),
        ("ipRanges", #"[{"range": "10.1.0.0/24"}]"#, #"[{"range": "fd00::/64"}, {"range": "10.2.0.0/24"}]"#, "[]"),
        ("gateway", #""10.0.0.1""#, #""10.0.0.2""#, #""""#),
        ("routes", #"[{"dst": "10.1.0.0/16"}]"#, #"[{"dst": "10.2.0.0/16"}, {"dst": "::/0"}]"#, "[]"),
        ("addresses", #"[{"address": "10.1.0.1/16"}]"#, #"[{"address": "10.2.0.1/16"}]"#, "[]"),
        ("etcd_host", #""one:2379""#, #""two:2379""#, #""""#),
        ("log_file", #""/one""#, #""/two""#, #""""#),
        ("log_level", #""error""#, #""panic""#, #""""#),
        ("network_name", #""one""#, #""two""#, #""""#),
    ]

    @Test(arguments: keys, ["null", "zero", "absent"])
    func whatTheNetworkLeavesOutComesFromTheFile(
        key: (name: String, network: String, file: String, zero: String),
        form: String
    ) throws {
        let members =
            switch form {
            case "null": "\"\(key.name)\": null"
            case "zero": "\"\(key.name)\": \(key.zero)"
            default: ""
            }
        // Without the defaults of `load`, which would come before the file.
        let rest = ["type", "etcd_host", "range"].filter { $0 != key.name }
        let good = ["type": "whereabouts", "etcd_host": "etcd.example:2379", "range": "10.0.0.0/24"]
        func network(_ members: String) -> String {
            let all = (members.isEmpty ? [] : [members]) + rest.map { "\"\($0)\": \"\(good[$0] ?? "")\"" }
            return "{\"name\": \"lab\", \"ipam\": {\(all.joined(separator: ", "))}}"
        }
        let file = try directory.write("whereabouts.conf", "{\"\(key.name)\": \(key.file)}")
        let merged = try ConfigurationLoader.load(network: network(members), flatFilePaths: [file])
        let direct = try ConfigurationLoader.load(network: network("\"\(key.name)\": \(key.file)"))
        #expect(String(reflecting: merged) == String(reflecting: direct))
    }

    @Test(arguments: keys) func theNetworkOverridesTheFile(
        key: (name: String, network: String, file: String, zero: String)
    ) throws {
        let file = try directory.write("whereabouts.conf", "{\"\(key.name)\": \(key.file)}")
        let own = "\"\(key.name)\": \(key.network)"
        let merged = try ConfigurationLoader.load(own, flatFilePaths: [file])
        #expect(String(reflecting: merged) == String(reflecting: try ConfigurationLoader.load(own)))
        let other = try ConfigurationLoader.load("\"\(key.name)\": \(key.file)")
        #expect(String(reflecting: merged) != String(reflecting: other))
    }

    @Test func listsAreTakenWhole() throws {
        let file = try directory.write(
            "whereabouts.conf",
            #"{"exclude": ["10.0.0.1/32", "10.0.0.2/32"], "routes": [{"dst": "10.1.0.0/16"}, {"dst": "10.2.0.0/16"}]}"#
        )
        let configuration = try ConfigurationLoader.load(
            #""exclude": ["10.0.0.3/32"], "routes": [{"dst": "10.3.0.0/16"}]"#,
            flatFilePaths: [file]
        )
        let allocatable = configuration.demands.map(\.pool.allocatable.description)
        #expect(allocatable == ["[10.0.0.1-10.0.0.2, 10.0.0.4-10.0.0.254]"])
        #expect(configuration.routes.map(\.destination.description) == ["10.3.0.0/16"])
    }

    @Test func objectsAreFilledMemberByMember() throws {
        let file = try directory.write(
            "whereabouts.conf",
            """
            {"dns": {"nameservers": ["10.0.0.2", "10.0.0.3"], "domain": "file.example", "search": ["a"], "options": ["x"]}}
            """
        )
        let configuration = try ConfigurationLoader.load(
            #""dns": {"nameservers": ["10.0.0.9"], "domain": "", "search": []}"#,
            flatFilePaths: [file]
        )
        #expect(configuration.dns.nameservers == ["10.0.0.9"])
        #expect(configuration.dns.domain == "file.example")
        #expect(configuration.dns.search == ["a"])
        #expect(configuration.dns.options == ["x"])
    }

    @Test(
        arguments: [
            (nil, nil, false), (nil, "false", true), (nil, "true", false), ("null", "false", true),
            ("true", "false", false), ("false", "true", true), ("false", nil, true), ("true", nil, false),
        ] as [(String?, String?, Bool)]
    )
    func enableOverlappingRangesCountsInBothPlaces(network: String?, file: String?, isConfined: Bool) throws {
        func members(_ value: String?) -> String { value.map { "\"enable_overlapping_ranges\": \($0)" } ?? "" }
        let path = try directory.write("whereabouts.conf", "{\(members(file))}")
        let configuration = try ConfigurationLoader.load(members(network), flatFilePaths: [path])
        #expect(configuration.demands.map { $0.domain.range != nil } == [isConfined])
    }

    @Test func typeIsTakenFromTheFileToo() throws {
        let file = try directory.write("whereabouts.conf", #"{"type": "host-local"}"#)
        let configuration = try ConfigurationLoader.load("", flatFilePaths: [file])
        #expect(configuration.network == "lab")
    }

    @Test func unknownKeysOfTheFileAreNoted() throws {
        let file = try directory.write("whereabouts.conf", #"{"zeta": "hunter2", "ipRanges": [{"excludes": []}]}"#)
        let configuration = try ConfigurationLoader.load(
            #""alpha": 1, "ipRanges": [{"range": "fd00::/64", "Exclude": []}]"#,
            flatFilePaths: [file]
        )
        #expect(
            configuration.notes == ["unknown keys: alpha, zeta (flat file), ipRanges[0].excludes (flat file)"]
        )
    }

    @Test func aFileWithItsKeysBelowIPAMIsNoted() throws {
        let file = try directory.write("whereabouts.conf", #"{"ipam": {"etcd_host": "a"}}"#)
        let note = "\(file) has its keys below ipam, where they do not count; write them without ipam around them"
        #expect(try ConfigurationLoader.load("", flatFilePaths: [file]).notes.first == note)
        let json = #"{"name": "lab", "ipam": {"type": "whereabouts", "range": "10.0.0.0/24"}}"#
        let invocation = CNIInvocation(
            command: .add,
            networkName: "lab",
            configuration: try JSONValue(parsing: Array(json.utf8))
        )
        for (paths, message) in [([file], note), (["/none/a", "/none/b"], "there is no flat file: /none/a, /none/b")] {
            let error = try #require(throws: CNIError.self) {
                try ConfigurationLoader(environment: [:], flatFilePaths: paths).resolved(invocation)
            }
            #expect(error.details.hasPrefix("etcd_host is missing"), "\(error)")
            #expect(error.details.contains("; note: \(message)"), "\(error)")
        }
    }

    // MARK: - The node's name

    @Test(
        arguments: [
            // NODENAME, the file's configuration_path, the name in that directory, the name beside the file, and what counts.
            ("env", "names", "named\n", "beside\n", "env"),
            (nil, "names", "named\n", "beside\n", "named"),
            ("", "names", "named\n", "beside\n", "named"),
            (nil, nil, "named\n", "beside\n", "beside"),
            (nil, nil, nil, "  beside  \nmore\n", "beside"),
        ] as [(String?, String?, String?, String?, String)]
    )
    func theNodesNameIsLookedForInOrder(
        environment: String?,
        path: String?,
        named: String?,
        beside: String?,
        expected: String
    ) throws {
        try directory.make("names")
        if let named { try directory.write("names/nodename", named) }
        if let beside { try directory.write("nodename", beside) }
        let members = path.map { "\"configuration_path\": \"\(directory.path($0))\"" } ?? ""
        let file = try directory.write("whereabouts.conf", "{\(members)}")
        let configuration = try ConfigurationLoader.load(
            "",
            environment: environment.map { ["NODENAME": $0] } ?? [:],
            flatFilePaths: [file]
        )
        #expect(configuration.node == expected)
    }

    @Test(arguments: [nil, "", " \n"] as [String?]) func withoutANameInTheFilesTheHostsNameCounts(file: String?) throws
    {
        if let file { try directory.write("nodename", file) }
        let host = try ["/etc/hostname", "/proc/sys/kernel/hostname"].lazy
            .filter { FileManager.default.fileExists(atPath: $0) }
            .map { try String(contentsOfFile: $0, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) }
            .first { !$0.isEmpty }
        #expect(NodeName.find(environment: [:], configurationDirectory: directory.path) == host)
    }
}

/// A directory of one test, removed with its owner.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("whereabouts-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in the directory.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a directory in the directory.
    func make(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    /// Writes a file, with the directories on the way to it, and returns its path.
    @discardableResult
    func write(_ name: String, _ contents: String) throws -> String {
        let file = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(contents.utf8).write(to: file)
        return file.path
    }

    /// The text of a file; empty when there is none.
    func read(_ name: String) -> String {
        (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
    }
}
