import AllocationHistory
import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// The harness as a program: it acquits the real plugin, and convicts broken ones of what they do.
@Suite(.timeLimit(.minutes(20))) struct HarnessTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory("harness-tests")
    }

    // MARK: - The real plugin

    @Test func realPluginIsAcquittedAndItsRunReported() throws {
        let output = scratch.path("good")
        let outcome = try HarnessProgram.call(
            "--plugin",
            Plugin.path,
            "--attachments",
            "120",
            "--seconds",
            "60",
            "--seed",
            "7",
            "--output",
            output
        )
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("no rule was broken"))
        // In a pipe what is run, and nothing that is written anew.
        #expect(
            outcome.errors.hasPrefix(
                "\(Plugin.path): 120 attachments or 60 s: churn, 4 pods on each of 8 nodes, 2 interfaces each, 2 networks, "
                    + "an etcd of 1 member (plain); faults: plugin-killed; seed 7\n"
            ),
            "\(outcome.errors)"
        )
        #expect(!outcome.errors.contains("\r"))
        #expect(outcome.output.contains(/\nindex keys, before and after +[1-9]\d* +inconsistentIndex\n/), "\(outcome)")
        let history = try HarnessProgram.history(output)
        #expect(history.seed == 7)
        #expect(history.calls.count { $0.verb == .add && $0.outcome.isSuccess } == 120)
        #expect(history.beforeCleanup?.records.isEmpty == false)
        #expect(history.afterCleanup?.records.isEmpty == true)
        let html = try String(contentsOfFile: "\(output)/report.html", encoding: .utf8)
        #expect(html.contains("<svg"))
        #expect(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\(output)/report.json")))
                is [String: Any]
        )

        let replay = try HarnessProgram.call("replay", "\(output)/history.json", "--judge-only")
        #expect(replay.status == 0, "\(replay)")
    }

    @Test(arguments: ["burst", "steady"]) func everyPatternIsServed(pattern: String) throws {
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            Plugin.path,
            "--pattern",
            pattern,
            "--attachments",
            "100",
            "--seconds",
            "60",
            "--rate",
            "40",
            "--output",
            scratch.path(pattern)
        )
        #expect(outcome.status == 0, "\(outcome)")
        let calls = try HarnessProgram.history(scratch.path(pattern)).calls
        #expect(calls.count { $0.verb == .add && $0.outcome.isSuccess } == 100)
    }

    /// More pods than addresses.
    @Test func exhaustionIsNoFaultWhereItIsTrue() throws {
        let output = scratch.path("full")
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            Plugin.path,
            "--addresses",
            "12",
            "--nodes",
            "4",
            "--networks",
            "1",
            "--single-stack",
            "--attachments",
            "150",
            "--seconds",
            "60",
            "--output",
            output
        )
        #expect(outcome.status == 0, "\(outcome)")
        let full = try HarnessProgram.history(output).calls.count { call in
            guard case .failed(100, _) = call.outcome else { return false }
            return true
        }
        #expect(full > 0)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/lib/cni/host-local"), "it is not installed"))
    func otherPluginsAreComparedUnderTheSameLoad() throws {
        let configuration = scratch.path("host-local.json")
        try Data(
            """
            {"cniVersion": "1.0.0", "name": "peer", "type": "bridge", "ipam": {"type": "host-local", "dataDir": "\(scratch.path("data"))", \
            "ranges": [[{"subnet": "10.9.0.0/16"}]]}}
            """.utf8
        ).write(to: URL(fileURLWithPath: configuration))
        let outcome = try HarnessProgram.call(
            "compare",
            "--plugin",
            Plugin.path,
            "--against",
            "/usr/lib/cni/host-local",
            "--against-conf",
            configuration,
            "--attachments",
            "60",
            "--rounds",
            "1",
            "--single-stack"
        )
        #expect(outcome.status == 0, "\(outcome)")
        for line in ["calls a second", "add p50 ms", "delete p99 ms"] { #expect(outcome.output.contains(line)) }
        #expect(outcome.output.contains(/violations +0.00 +0.00/), "\(outcome.output)")
        #expect(outcome.output.contains(/Medians of 1 run of each, in turn, all with seed \d+\./), "\(outcome.output)")
    }

    // MARK: - Broken ones

    @Test(arguments: BrokenPlugin.Fault.allCases) func brokenPluginIsConvictedOfWhatItDoes(fault: BrokenPlugin.Fault)
        throws
    {
        let output = scratch.path("broken")
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            try BrokenPlugin(fault, in: scratch).path,
            "--faults",
            "none",
            "--nodes",
            "2",
            "--networks",
            "1",
            "--interfaces",
            "1",
            "--attachments",
            "60",
            "--seconds",
            "60",
            "--output",
            output
        )
        #expect(outcome.status == 1, "\(outcome)")
        let rules = Set(Judge().violations(in: try HarnessProgram.history(output)).map(\.rule))
        let (must, may) = fault.convictions
        #expect(rules.isSuperset(of: must), "\(rules)")
        #expect(rules.isSubset(of: must.union(may)), "\(rules)")
        // The verdict of the file is the verdict of the run.
        let replay = try HarnessProgram.call("replay", "\(output)/history.json", "--judge-only")
        #expect(replay.status == 1)
    }

    // MARK: - Stores

    @Test func verificationNamesWhatIsWrongInAStore() throws {
        let etcd = try EtcdServer()
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        #expect(try Plugin.call("ADD", container: "a", configuration: configuration).status == 0)
        let good = try HarnessProgram.call("verify", "--endpoints", etcd.endpoint)
        #expect(good.status == 0, "\(good)")
        #expect(good.output.contains("1 record and 2 index keys; nothing is wrong"))
        try etcd.client().deleteRange(
            DeleteRangeRequest(.prefix("/whereabouts/v1/node/")),
            deadline: .after(.seconds(10))
        )
        let bad = try HarnessProgram.call("verify", "--endpoints", etcd.endpoint)
        #expect(bad.status == 1)
        #expect(bad.output.contains("1 record and 1 index key; 1 key wrong"))
        #expect(bad.output.contains("/whereabouts/v1/node/node-a/default/ipv4/010.020.000.001 is missing"))
        etcd.stop()
        let none = try HarnessProgram.call("verify", "--endpoints", etcd.endpoint)
        #expect(none.status == 2)
        #expect(none.output.contains("the store can't be read"))
    }

    @Test func etcdThatIsThereIsUsedAndLeftAsItWas() throws {
        let etcd = try EtcdServer()
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        #expect(try Plugin.call("ADD", container: "a", configuration: configuration).status == 0)
        func keys() throws -> [Key] {
            try etcd.client().range(
                RangeRequest(.prefix("/whereabouts"), projection: .keysOnly),
                deadline: .after(.seconds(10))
            ).keyValues.map(\.key)
        }
        let before = try keys()
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            Plugin.path,
            "--endpoints",
            etcd.endpoint,
            "--faults",
            "all",
            "--attachments",
            "60",
            "--seconds",
            "60"
        )
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try keys() == before)
    }

    /// The password comes from the environment, and is found in nothing that is printed or written.
    @Test func etcdWithTLSAndAUserIsUsed() throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        let user = EtcdUser("operator", password: PlantedPassword.text, access: .readWrite(prefix: "/whereabouts"))
        try etcd.enableAuthentication(user)
        let identity = TLSFixture.clientNobody
        let output = scratch.path("tls-user")
        func harness(_ command: String, _ arguments: [String], knowsPassword: Bool = true) throws
            -> RunningProcess.Outcome
        {
            let access = [
                "--endpoints", etcd.endpoint, "--etcd-ca-cert-file", TLSFixture.ca, "--etcd-cert-file",
                identity.certificate, "--etcd-key-file", identity.key, "--etcd-username", user.name,
            ]
            return try RunningProcess(
                HarnessProgram.path,
                [command] + (command == "replay" ? [] : access) + arguments,
                environment: knowsPassword ? ["ETCD_PASSWORD": PlantedPassword.text] : [:],
                secret: PlantedPassword.text
            ).wait()
        }
        let load = ["--plugin", Plugin.path, "--attachments", "40", "--seconds", "60"]
        let run = try harness("run", load + ["--output", output])
        #expect(run.status == 0, "\(run)")
        for name in ["history.json", "report.json", "report.html"] {
            #expect(try !String(contentsOfFile: "\(output)/\(name)", encoding: .utf8).contains(PlantedPassword.text))
        }
        let replay = try harness("replay", ["\(output)/history.json"])
        #expect(replay.status == 0, "\(replay)")
        let compare = try harness("compare", load + ["--against", Plugin.path, "--rounds", "1"])
        #expect(compare.status == 0, "\(compare)")
        let verify = try harness("verify", [])
        #expect(verify.status == 0, "\(verify)")
        #expect(verify.output.contains("0 records and 0 index keys; nothing is wrong"))
        for command in ["run", "verify"] {
            let outcome = try harness(command, [], knowsPassword: false)
            #expect(outcome.status == 2)
            #expect(outcome.output.contains("ETCD_PASSWORD"), "\(outcome)")
        }
    }

    /// Also where the plugin prints it, what is kept does not show it.
    @Test(arguments: [PlantedPassword.text, #"\"/\#(PlantedPassword.text)\"#])
    func passwordThatThePluginPrintsIsAViolationAndNotKept(password: String) throws {
        let etcd = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        let user = EtcdUser("operator", password: password, access: .readWrite(prefix: "/whereabouts"))
        try etcd.enableAuthentication(user)
        let output = scratch.path("leak")
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            try BrokenPlugin(.printsItsInput, in: scratch).path,
            "--endpoints",
            etcd.endpoint,
            "--etcd-ca-cert-file",
            TLSFixture.ca,
            "--etcd-username",
            user.name,
            "--attachments",
            "20",
            "--seconds",
            "60",
            "--output",
            output,
            environment: ["ETCD_PASSWORD": password]
        )
        #expect(outcome.status == 1, "\(outcome)")
        #expect(Set(Judge().violations(in: try HarnessProgram.history(output)).map(\.rule)).contains(.leakedSecret))
        for name in ["history.json", "report.json", "report.html"] {
            #expect(try !String(contentsOfFile: "\(output)/\(name)", encoding: .utf8).contains(PlantedPassword.text))
        }
    }

    // MARK: - Ends before the time

    @Test func interruptedRunTellsWhatItHasSeen() throws {
        let output = scratch.path("interrupted")
        let run = try RunningProcess(
            HarnessProgram.path,
            ["run", "--plugin", Plugin.path, "--attachments", "100000", "--seconds", "300", "--output", output]
        )
        // Its directory is made first, and its etcd then; an interrupt that comes before there is a load ends it as well.
        while !FileManager.default.fileExists(atPath: output) { Thread.sleep(forTimeInterval: 0.01) }
        Thread.sleep(forTimeInterval: 5)
        // Twice, as `timeout` does, which signals the process and its group.
        run.signal(SIGINT)
        run.signal(SIGINT)
        let outcome = try run.wait()
        #expect(outcome.status == 130, "\(outcome)")
        #expect(outcome.output.contains("The load was ended early by signal 2."), "\(outcome)")
        #expect(try Judge().violations(in: HarnessProgram.history(output)).isEmpty)
    }

    @Test func pluginThatDoesNothingEndsTheLoad() throws {
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            "/bin/false",
            "--attachments",
            "100000",
            "--seconds",
            "300",
            "--output",
            scratch.path("false")
        )
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("The load was ended early: no call had any success."), "\(outcome)")
        #expect(try HarnessProgram.history(scratch.path("false")).calls.count < 1000)
    }

    @Test func etcdThatIsNotThereIsToldBeforeTheLoad() throws {
        let port = try RefusingPort()
        let outcome = try HarnessProgram.call("run", "--plugin", Plugin.path, "--endpoints", port.endpoint)
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("the run could not be made") && outcome.output.contains(port.endpoint))
    }

    // MARK: - Bad orders

    @Test(arguments: [
        (["--nodes", "0"], "--nodes 0"), (["--faults", "fire"], "fire"), (["--conf", "x"], "--plugin"),
        (["--members", "12"], "1 to 9"), (["--pattern", "odd"], "odd"),
        (["--nodes", "1000", "--pods", "200"], "65,534"), (["--faults", ""], "empty"),
        (["--output", "/proc/x"], "/proc/x"), (["--etcd-username", "u"], "--endpoints"),
    ])
    func badOptionIsNamed(arguments: [String], part: String) throws {
        let outcome = try RunningProcess(HarnessProgram.path, ["run"] + arguments).wait()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(part), "\(outcome.errors)")
    }

    @Test func helpShowsWhatCountsWhereNothingIsSaid() throws {
        let run = try HarnessProgram.call("run", "--help").output
        for option in [
            "nodes", "pods", "interfaces", "networks", "pattern", "rate", "attachments", "seconds", "members",
            "security",
            "seed", "addresses", "faults", "endpoints", "plugin", "conf", "output",
        ] {
            // From the option to the next one.
            let help = run.split(separator: "\n  --").first {
                $0.hasPrefix("\(option) <") || $0.hasPrefix("--\(option) <")
            }
            #expect(help?.contains(/\(.*default:/.dotMatchesNewlines()) == true, "\(option): \(help ?? "-")")
        }
        #expect(run.contains("1000)") && run.contains("churn)"), "\(run)")
    }

    @Test func runThatCanNotBeginSaysWhy() throws {
        let outcome = try HarnessProgram.call("run", "--plugin", "/nowhere/whereabouts")
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("/nowhere/whereabouts"))
        let replay = try HarnessProgram.call("replay", "/nowhere.json")
        #expect(replay.status == 64)
        #expect(replay.errors.contains("/nowhere.json"))
    }
}

extension BrokenPlugin.Fault {
    /// What a verdict must say, and what it may say beside that.
    fileprivate var convictions: (must: Set<Rule>, may: Set<Rule>) {
        switch self {
        case .givesDuplicates: ([.sharedAddress], [.lostRecord, .changedAddress, .unexpectedError])
        // What has no record is given out again.
        case .forgetsRecords: ([.lostRecord], [.sharedAddress, .changedAddress, .inconsistentIndex, .unexpectedError])
        case .leaks: ([.leakedRecord, .leftRecord], [.falseExhaustion])
        case .claimsExhaustion: ([.falseExhaustion], [])
        case .goesAstray: ([.wrongRange], [.lostRecord, .changedAddress, .unexpectedError])
        case .saysNothing, .readsNothing: ([.malformedAnswer], [])
        // Only an etcd with a user has a password to show.
        case .printsItsInput: ([.malformedAnswer], [.leakedSecret])
        case .losesIndexKeys: ([.inconsistentIndex], [.leakedRecord, .leftRecord, .unexpectedError])
        }
    }
}
