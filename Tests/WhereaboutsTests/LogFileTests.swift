import EtcdLab
import Foundation
import TestSupport
import Testing

@testable import Whereabouts

/// The log of the built plugin: its lines on disk and on stderr, alone and among others.
@Suite(.timeLimit(.minutes(10))) struct LogFileTests {
    let etcd: EtcdServer
    let directory: TemporaryDirectory

    init() throws {
        etcd = try EtcdServer()
        directory = try TemporaryDirectory()
    }

    private func configuration(_ members: String = "") -> String {
        let range = #""range": "10.20.0.0/24""#
        return Plugin.configuration(etcd: etcd.endpoint, members.isEmpty ? range : "\(range), \(members)")
    }

    /// The lines of a text without their times; nil for a line that is none of the log's.
    private func parse(_ text: String) -> [String?] {
        text.split(separator: "\n").map { line in
            line.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z (\[(?:debug|verbose|error|panic)\] .*)/)
                .map { String($0.1).replacing(/duration=\d+ms/, with: "duration=Nms") }
        }
    }

    @Test(arguments: [
        ("debug", 0), ("verbose", 1), ("error", 3), ("panic", 3),
    ])
    func theLevelDecidesWhatAnAddSays(level: String, withheld: Int) throws {
        let all = [
            "[debug] ADD attachment=c1/eth0 network=lab",
            "[verbose] allocated addresses=10.20.0.1/24 attachment=c1/eth0",
            "[verbose] ADD done attachment=c1/eth0 duration=Nms",
        ]
        let expected = Array(all.dropFirst(withheld))
        let toFile = try Plugin.call(
            "ADD",
            container: "c1",
            configuration: configuration(#""log_file": "\#(directory.path("log"))", "log_level": "\#(level)""#)
        )
        #expect(toFile.status == 0 && toFile.errors.isEmpty, "\(toFile)")
        #expect(parse(directory.read("log")) == expected)
        // With a level and no file it is stderr that gets the lines.
        let toStderr = try Plugin.call(
            "ADD",
            container: "c1",
            configuration: configuration("\"log_level\": \"\(level)\"")
        )
        #expect(toStderr.addresses == ["10.20.0.1/24"])
        #expect(parse(toStderr.errors) == expected)
    }

    @Test func theVerboseLogHasTheNotesOnTheConfiguration() throws {
        let log = #""log_file": "\#(directory.path("log"))", "log_level": "verbose""#
        let noted = #""range_end": "10.9.0.1", "z\n2000-01-01T00:00:00Z [error] forged": 1"#
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration("\(log), \(noted)"))
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            parse(directory.read("log")) == [
                "[verbose] configuration: the end 10.9.0.1 is outside of 10.20.0.1-10.20.0.254 and is ignored attachment=c1/eth0",
                "[verbose] configuration: unknown keys: z 2000-01-01T00:00:00Z [error] forged attachment=c1/eth0",
                "[verbose] allocated addresses=10.20.0.1/24 attachment=c1/eth0",
                "[verbose] ADD done attachment=c1/eth0 duration=Nms",
            ]
        )
    }

    @Test func aFailureOfEtcdIsLoggedAsAnError() throws {
        etcd.stop()
        let outcome = try Plugin.call(
            "ADD",
            container: "c1",
            configuration: configuration(#""log_file": "\#(directory.path("log"))", "log_level": "error""#)
        )
        #expect(outcome.errorCode == 11)
        #expect(outcome.errors.isEmpty)
        let lines = parse(directory.read("log"))
        #expect(lines.count == 1)
        #expect(lines.first??.hasPrefix("[error] ") == true)
        #expect(lines.first??.contains(etcd.endpoint) == true)
        #expect(lines.first??.hasSuffix(" attachment=c1/eth0") == true)
    }

    @Test func withoutFileAndLevelStderrIsQuietAlsoInFailure() throws {
        for configuration in [configuration(), configuration(#""unknown": 1, "range_end": "10.9.0.1""#)] {
            let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        }
        etcd.stop()
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration())
        #expect(outcome.errorCode == 11 && outcome.errors.isEmpty, "\(outcome)")
    }

    /// The runtime shows the error to whoever looks at the pod; the log has it for whoever looks at the node.
    @Test(arguments: ["ADD", "CHECK", "STATUS", "DEL", "GC"]) func aConfigurationThatCannotBeLoadedIsLogged(
        command: String
    ) throws {
        let log = #""log_file": "\#(directory.path("log"))""#
        let beside = #", "prevResult": {"ips": []}, "cni.dev/valid-attachments": []"#
        for (members, message) in [
            (#""range": "10.20.0.0/24", "log_level": "chatty", "datastore": "kubernetes""#, "log_level: "),
            (#""range": 7, "etcd_host": "a:x""#, "range must be a text"),
            (#""range": "10.20.0.0/24", "etcd_ca_cert_file": "/none""#, "etcd_ca_cert_file: /none can't be read"),
        ] {
            let outcome = try Plugin.call(
                command,
                container: "c1",
                configuration: Plugin.configuration(etcd: "a", version: "1.1.0", "\(log), \(members)", beside: beside)
            )
            #expect(outcome.errorCode == 7, "\(outcome)")
            let line = try #require(parse(directory.read("log")).last ?? nil)
            #expect(line.hasPrefix("[error] invalid configuration: "), "\(line)")
            #expect(line.contains(outcome.errorText), "\(line)")
            if command == "ADD" { #expect(line.contains(message), "\(line)") }
        }
    }

    @Test func anErrorComesWithWhatMayHaveToDoWithIt() throws {
        let log = #""log_file": "\#(directory.path("log"))""#
        let outcome = try Plugin.call(
            "ADD",
            container: "c1",
            configuration: Plugin.configuration(
                etcd: "",
                #""range": "10.20.0.0/24", "etcd_hosts": "a", "configuration_path": "/none/whereabouts.conf", \#(log)"#
            )
        )
        #expect(outcome.errorCode == 7)
        for part in ["etcd_host is missing", "unknown keys: etcd_hosts", "there is no file /none/whereabouts.conf"] {
            #expect(outcome.errorText.contains(part), "\(outcome)")
            #expect(directory.read("log").contains(part))
        }
    }

    @Test func linesOfAPodNameItAndCountsHaveTheirOwnKey() throws {
        let settings = configuration(#""log_file": "\#(directory.path("log"))", "log_level": "verbose""#)
        for command in ["ADD", "DEL"] {
            let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0"
            let outcome = try Plugin.call(command, container: "c1", arguments: arguments, configuration: settings)
            #expect(outcome.status == 0)
        }
        #expect(
            parse(directory.read("log")) == [
                "[verbose] allocated addresses=10.20.0.1/24 attachment=c1/eth0 pod=default/web-0",
                "[verbose] ADD done attachment=c1/eth0 duration=Nms pod=default/web-0",
                "[verbose] released attachment=c1/eth0 count=1 pod=default/web-0",
                "[verbose] DEL done attachment=c1/eth0 duration=Nms pod=default/web-0",
            ]
        )
    }

    @Test func aCallThatFailsSaysSoWithItsDuration() throws {
        etcd.stop()
        let settings = configuration(#""log_file": "\#(directory.path("log"))", "log_level": "verbose""#)
        #expect(
            try Plugin.call("STATUS", container: "", configuration: settings.replacing("1.0.0", with: "1.1.0"))
                .errorCode == 50
        )
        #expect(parse(directory.read("log")).last == "[verbose] STATUS failed code=50 duration=Nms")
    }

    @Test func theFileIsReadableByAllAndWritableByItsOwnerOnly() throws {
        // Without a mask, so that the mode is the plugin's own choice.
        let script = try directory.write("plugin", "umask 0\nexec '\(Plugin.path)'\n")
        let input = configuration(#""log_file": "\#(directory.path("log"))""#)
        let environment = [
            "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_NETNS": "/none",
            "CNI_PATH": "/none", "NODENAME": "node-a",
        ]
        let process = try RunningProcess("/bin/sh", [script], environment: environment, input: Data(input.utf8))
        #expect(try process.wait().status == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path("log"))
        #expect(attributes[.posixPermissions] as? Int == 0o644)
    }

    @Test(arguments: ["nowhere/log", "", "file/log", "pipe", "full", "line\\nbreak/log"])
    func aFileThatCannotBeWrittenIsNotedAndFailsNothing(name: String) throws {
        try directory.write("file", "")
        try RunningProcess.run("mkfifo", directory.path("pipe"))
        // A device that is always full: it opens, and the write fails.
        let path = name == "full" ? "/dev/full" : directory.path(name)
        let log = "\"log_file\": \"\(path)\", \"log_level\": \"debug\""
        let outcome = try Plugin.call("ADD", container: "c1", configuration: configuration(log))
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.addresses == ["10.20.0.1/24"])
        let notes = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("whereabouts: the log file \"") }
        // The line itself is not lost, and has one note at most.
        #expect(parse(outcome.errors).compactMap(\.self).count == 3, "\(outcome.errors)")
        #expect((1...3).contains(notes.count))
        #expect(notes.count + 3 == outcome.errors.split(separator: "\n").count)
        #expect(notes.allSatisfy { $0.contains("can't be written: ") && $0.contains(path) })
    }

    @Test func theLinesOfManyProcessesDoNotMix() throws {
        let settings = configuration(#""log_file": "\#(directory.path("log"))", "log_level": "debug""#)
        let adds = try (0..<20).map { try Plugin.start("ADD", container: "c\($0)", configuration: settings) }
        let outcomes = try adds.map { try $0.wait() }
        #expect(outcomes.allSatisfy { $0.status == 0 && $0.errors.isEmpty })
        let expected = outcomes.enumerated().flatMap { index, outcome in
            [
                "[debug] ADD attachment=c\(index)/eth0 network=lab",
                "[verbose] allocated addresses=\(outcome.addresses.joined()) attachment=c\(index)/eth0",
                "[verbose] ADD done attachment=c\(index)/eth0 duration=Nms",
            ]
        }
        let lines = parse(directory.read("log"))
        #expect(lines.count == 60)
        #expect(Set(lines.compactMap(\.self)) == Set(expected))
    }
}
