import EtcdClient
import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// Options, files, exit statuses and the daemon of the built program.
extension ReconcilerProcessTests {
    private func run(_ arguments: String...) throws -> RunningProcess.Outcome {
        try RunningProcess(ReconciledCluster.program, arguments).wait()
    }

    @Test(arguments: [
        (["--grace", "10"], "--grace 10 is no time of 0 or more; write one such as 90s, 10m or 1h30m"),
        (["--grace=-5m"], "--grace -5m is no time of 0 or more"), (["--namespace", ""], "--namespace is empty"),
        (["--interval", "0"], "--interval 0 must be 1s or more"),
        (["--max-share", "2"], "--max-share 2.0 must be 0 to 1"),
        (["--log-level", "loud"], "--log-level loud must be trace"),
        (["--attachments", "/x"], "--attachments needs --node"),
        (["--attachments", "/x", "--node", "a", "--kubeconfig", "/x"], "exclude each other"),
        (["--daemon", "--interval", "5m"], "exclude each other"),
        (["--daemon", "--dry-run"], "--dry-run is for a single run"),
        (["--interval", "5m", "--release-from", "x"], "--release-from is for a single run"),
        (["--node", ""], "--node is empty"), (["--unknown"], "--unknown"), (["--config"], "--config"),
        (["--config", "/nonexistent/whereabouts.conf"], "/nonexistent/whereabouts.conf is missing"),
    ])
    func whatCanNotBeUsedIsStatus2(arguments: [String], message: String) throws {
        let outcome = try RunningProcess(ReconciledCluster.program, arguments).wait()
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.errors.contains(message), "\(outcome)")
        #expect(outcome.output.isEmpty)
    }

    @Test func filesThatCanNotBeUsedAreStatus2() throws {
        try cluster.clear(.etcd)
        for (text, message) in [
            ("nonsense", "is not valid JSON"), ("[]", "must be an object"),
            (#"{"datastore": "mysql"}"#, "datastore: \"mysql\" must be etcd or kubernetes"),
            (#"{"datastore": "etcd"}"#, "etcd_host"), (#"{"etcd_host": 5}"#, "etcd_host"),
        ] {
            let file = try cluster.write(text, to: "bad.conf")
            let outcome = try run("--config", file, "--kubeconfig", cluster.reconcilerConfig)
            #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome)")
            #expect(outcome.errors.contains("bad.conf"), "\(outcome)")
        }
        let missing = try run("--config", cluster.flatFile, "--kubeconfig", "/nonexistent")
        #expect(missing.status == 2 && missing.errors.contains("/nonexistent"), "\(missing)")
        let outside = try run("--config", cluster.flatFile)
        #expect(outside.status == 2 && outside.errors.contains("KUBERNETES_SERVICE_HOST"), "\(outside)")
        let help = try run("--help")
        #expect(help.status == 0 && help.output.contains("--release-from"), "\(help)")
        let version = try run("--version")
        let number = try RunningProcess(Plugin.path, ["--version"]).wait().output.split(separator: " ")[1]
        #expect(version.status == 0 && version.output == "ip-reconciler \(number)\n", "\(version)")
        let namespace = try cluster.reconcile("--namespace", "elsewhere")
        #expect(namespace.status == 2 && namespace.errors.contains("--namespace elsewhere is of"), "\(namespace)")
        // A directory in the place of the file.
        let directory = try run("--config", "/usr", "--kubeconfig", cluster.reconcilerConfig)
        #expect(directory.status == 2 && directory.errors.contains("/usr is missing"), "\(directory)")
        #expect(directory.errors.contains("nor a whereabouts.conf in such a directory"), "\(directory)")
    }

    @Test func whatDoesNotAnswerIsStatus1() throws {
        try cluster.clear(.etcd)
        let forbidden = try RunningProcess(
            ReconciledCluster.program,
            cluster.arguments(
                [],
                kubeconfig: cluster.server.kubeconfig(#""token": "user-token-of-tests""#, namespace: "default")
            )
        ).wait()
        #expect(forbidden.status == 1 && forbidden.errors.contains("does not permit to list pods"), "\(forbidden)")
        try cluster.add("c1", pod: "bystander")
        try cluster.add("c2", pod: "gone")
        // Before anything is done.
        for path in ["/nonexistent/report.json", "/tmp"] {
            let unwritable = try cluster.reconcile("--grace", "0", "--report", path)
            #expect(unwritable.status == 2, "\(unwritable)")
            #expect(unwritable.errors.contains("--report \"\(path)\" can't be written"), "\(unwritable)")
            #expect(unwritable.errors.contains("name a file in a directory that exists"), "\(unwritable)")
            #expect(try cluster.taken().count == 2)
        }
        // What others use is not replaced, not even behind a link.
        let device = cluster.path("device")
        try? FileManager.default.removeItem(atPath: device)
        try FileManager.default.createSymbolicLink(atPath: device, withDestinationPath: "/dev/null")
        let special = try cluster.reconcile("--grace", "0", "--report", device)
        #expect(special.status == 2 && special.errors.contains("it is no regular file"), "\(special)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: device) == "/dev/null")
        #expect(try cluster.taken().count == 2)
        let daemon = try cluster.reconcile("--interval", "1s", "--report", "/nonexistent/report.json")
        #expect(daemon.status == 2, "\(daemon)")
    }

    /// What was found until an error ends the run is in the report, and what never began leaves the last one.
    @Test func aRunThatEndsEarlyIsReported() throws {
        try cluster.clear(.etcd)
        let file = cluster.path("early.json")
        try cluster.add("c1", pod: "gone")
        try cluster.removePod("bystander")
        // Of somebody else.
        let beside = try cluster.write("mine", to: "early.json.new")
        let refused = try cluster.reconcile("--grace", "0", "--report", file)
        #expect(refused.status == 3, "\(refused)")
        func report() throws -> [String: Any] {
            let text = try Data(contentsOf: URL(fileURLWithPath: file))
            return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        }
        let early = try report()
        #expect(early["allocations"] as? Int == 1)
        let errors = try #require(early["errors"] as? [String])
        #expect(errors.count == 1 && errors[0].contains("ended early: 0 pods were found"), "\(errors)")
        let etcd = try #require(cluster.etcd)
        try etcd.client().put(PutRequest("/whereabouts/v1/reconciler", "another"), deadline: .after(.seconds(10)))
        let second = try cluster.reconcile("--grace", "0", "--max-share", "1", "--report", file)
        #expect(second.status == 4, "\(second)")
        #expect(try report()["errors"] as? [String] == errors)
        #expect(try String(contentsOfFile: beside, encoding: .utf8) == "mine")
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("early.json") }
        #expect(left.sorted() == ["early.json", "early.json.new"])
    }

    /// The role that the README gives the plugin's user is enough; the password shows nowhere.
    @Test func thePluginsUserOfEtcdServes() throws {
        try cluster.clear(.etcd)
        let etcd = try #require(cluster.etcd)
        try cluster.add("c1", pod: "gone")
        let password = PlantedPassword.text
        try etcd.enableAuthentication(
            EtcdUser("whereabouts", password: password, access: .readWrite(prefix: "/whereabouts/"))
        )
        try cluster.writeFlatFile(#", "etcd_username": "whereabouts", "etcd_password": "\#(password)""#)
        func reconcile(_ grace: String) throws -> RunningProcess.Outcome {
            let arguments = cluster.arguments(["--grace", grace, "--log-level", "trace"])
            return try RunningProcess(ReconciledCluster.program, arguments, secret: password).wait()
        }
        let first = try reconcile("1h")
        #expect(first.status == 0 && first.errors.contains("1 noted"), "\(first)")
        let second = try reconcile("0")
        #expect(second.status == 0 && second.errors.contains("1 released"), "\(second)")
        try cluster.writeFlatFile(#", "etcd_username": "whereabouts", "etcd_password": "wrong""#)
        let refused = try reconcile("0")
        #expect(refused.status == 1, "\(refused)")
    }

    /// Without Kubernetes: what the runtime of a node knows, as a list or as its cache.
    @Test func aRuntimesListTellsWhatLives() throws {
        try cluster.clear(.etcd)
        let etcd = try #require(cluster.etcd)
        for name in ["c1", "c2", "c3"] { try cluster.add(name, pod: "pod-\(name)") }
        // As if they had been there for long.
        let client = try etcd.client()
        for key in try etcd.addressKeys() {
            let value = try #require(try client.get(key, deadline: .after(.seconds(10)))).value
            let aged = String(decoding: value, as: UTF8.self)
                .replacing(/"created":"20[^"]*"/, with: #""created":"2020-01-01T00:00:00Z""#)
            try client.put(PutRequest(key, aged), deadline: .after(.seconds(10)))
        }
        try cluster.add("young", pod: "young")
        let list = try cluster.write(#"[{"containerID": "c1", "ifname": "eth0"}]"#, to: "attachments.json")
        func reconcile(_ path: String, _ more: String...) throws -> RunningProcess.Outcome {
            try RunningProcess(
                ReconciledCluster.program,
                ["--config", cluster.flatFile, "--attachments", path, "--grace", "0"] + more
            ).wait()
        }
        // A list that claims to be of later than now would have young ones freed; within a clock's error it counts as of now.
        for (ahead, status) in [(3600.0, 2), (60.0, 0)] {
            let attributes = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: ahead)]
            try FileManager.default.setAttributes(attributes, ofItemAtPath: list)
            let outcome = try reconcile(list, "--node", "node-a", "--dry-run")
            #expect(outcome.status == status, "\(outcome)")
            #expect(outcome.errors.contains(status == 0 ? "2 would be released" : "seconds from now"), "\(outcome)")
        }
        // The other node's are not in the list.
        #expect(try reconcile(list, "--node", "node-b").status == 0)
        #expect(try cluster.taken().count == 4)
        let cache = URL(fileURLWithPath: cluster.path("results"))
        try? FileManager.default.removeItem(at: cache)
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        for name in ["c1", "c2"] {
            let text =
                #"{"kind": "cniCacheV1", "containerId": "\#(name)", "config": "e30=", "ifName": "eth0", "networkName": "lab"}"#
            try Data(text.utf8).write(to: cache.appendingPathComponent("lab-\(name)-eth0"))
        }
        let cached = try reconcile(cache.path, "--node", "node-a")
        #expect(cached.status == 0, "\(cached)")
        #expect(try cluster.taken() == ["10.20.0.1", "10.20.0.2", "10.20.0.4"])
        #expect(try reconcile(list, "--node", "node-a").status == 0)
        #expect(try cluster.taken() == ["10.20.0.1", "10.20.0.4"])
        let empty = try reconcile(try cluster.write("[]", to: "empty.json"), "--node", "node-a")
        #expect(empty.status == 3, "\(empty)")
        // The list of another node, and a cache of which a part can't be read.
        let others = try cluster.write(#"[{"containerID": "x", "ifname": "eth0"}]"#, to: "others.json")
        try #require(cluster.call("DEL", "young", pod: "young").status == 0)
        let foreign = try reconcile(others, "--node", "node-a")
        #expect(foreign.status == 3 && foreign.errors.contains("Check that the list is of --node"), "\(foreign)")
        try Data("{}".utf8).write(to: cache.appendingPathComponent("older"))
        let older = try reconcile(cache.path, "--node", "node-a")
        #expect(older.status == 2 && older.errors.contains("is not cniCacheV1"), "\(older)")
        #expect(try cluster.taken() == ["10.20.0.1"])
        let bad = try reconcile(try cluster.write("{}", to: "bad.json"), "--node", "node-a")
        #expect(bad.status == 2 && bad.errors.contains("holds no list"), "\(bad)")
    }

    /// A server that takes requests and answers none would be waited for for minutes.
    @Test func aSignalEndsItThoughTheAPIServerHangs() throws {
        try cluster.clear(.etcd)
        let hanging = try TCPProxy(.silence)
        let scratch = try ScratchDirectory("hanging")
        let reconciler = try ServerProcess(
            "/usr/bin/env",
            ["--default-signal=TERM", ReconciledCluster.program]
                + cluster.arguments([], kubeconfig: try cluster.pluginConfig(by: hanging.endpoint)),
            log: scratch.path("log")
        )
        defer { reconciler.kill() }
        try wait(scratch) { hanging.acceptedCount > 0 }
        kill(reconciler.identifier, SIGTERM)
        try wait(scratch, seconds: 30) { !reconciler.isRunning }
    }

    @Test func progressShowsOnATerminalAlone() throws {
        try cluster.clear(.etcd)
        // What clears a terminal's line (ECMA-48, EL).
        let clear = "\u{1b}[K"
        #expect(try !cluster.reconcile("--dry-run").errors.contains(clear))
        let command = ([ReconciledCluster.program] + cluster.arguments(["--dry-run"])).joined(separator: " ")
        let shown = try RunningProcess("/usr/bin/script", ["--quiet", "--return", "--command", command, "/dev/null"])
            .wait()
        #expect(shown.status == 0, "\(shown)")
        #expect(shown.output.contains(clear), "\(shown)")
    }

    @Test func anEmptyNamespaceIsWarnedOf() throws {
        try cluster.clear(.kubernetes)
        let outcome = try cluster.reconcile("--dry-run")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("no allocation is in namespace \"\(cluster.namespace)\""), "\(outcome)")
        let empty = try cluster.reconcile("--report", "")
        #expect(empty.status == 2 && empty.errors.contains("--report is empty"), "\(empty)")
    }

    @Test func aDaemonFreesAgainAndAgain() throws {
        try cluster.clear(.etcd)
        try cluster.add("c1", pod: "gone")
        let scratch = try ScratchDirectory("daemon")
        // Threads of Dispatch, which run the tests, block signals, and what they start inherits that.
        let daemon = try ServerProcess(
            "/usr/bin/env",
            ["--default-signal=TERM", ReconciledCluster.program]
                + cluster.arguments(["--grace", "1s", "--interval", "1s"]),
            log: scratch.path("log")
        )
        defer { daemon.kill() }
        try wait(scratch) { try cluster.taken().isEmpty }
        try cluster.add("c2", pod: "gone-too")
        try wait(scratch) { try cluster.taken().isEmpty }
        // SIGTERM ends it, and lets the next one work.
        kill(daemon.identifier, SIGTERM)
        try wait(scratch) { !daemon.isRunning }
        #expect(try cluster.reconcile().status == 0)
    }

    @Test func aScheduleIsHeededAndReadAgain() throws {
        try cluster.clear(.etcd)
        try cluster.writeFlatFile(#", "reconciler_cron_expression": "0 0 30 2 *""#)
        let impossible = try cluster.reconcile("--daemon")
        #expect(impossible.status == 2, "\(impossible)")
        #expect(impossible.errors.contains("reconciler_cron_expression"), "\(impossible)")
        try cluster.writeFlatFile(#", "reconciler_cron_expression": "30 4 29 2 *""#)
        try cluster.add("c1", pod: "gone")
        let scratch = try ScratchDirectory("daemon")
        let daemon = try ServerProcess(
            ReconciledCluster.program,
            cluster.arguments(["--grace", "0", "--daemon"]),
            log: scratch.path("log")
        )
        defer { daemon.kill() }
        func log() throws -> String { try String(contentsOfFile: scratch.path("log"), encoding: .utf8) }
        try wait(scratch) { try log().contains("-02-29T04:30:00Z") }
        #expect(try cluster.taken().count == 1)
        // One that can't be used leaves the last one as it is.
        try cluster.writeFlatFile(#", "reconciler_cron_expression": "nonsense""#)
        try wait(scratch) { try log().contains(" warning ") && log().contains(#""nonsense" has 1 fields"#) }
        // Told once, whatever the number of looks.
        Thread.sleep(forTimeInterval: 3)
        #expect(try log().components(separatedBy: #""nonsense" has 1 fields"#).count == 2)
        #expect(daemon.isRunning)
        #expect(try cluster.taken().count == 1)
        try cluster.writeFlatFile(#", "reconciler_cron_expression": "* * * * *""#)
        try wait(scratch) { try log().contains("reconciler_cron_expression can be used again") }
        try wait(scratch, seconds: 90) { try cluster.taken().isEmpty }
    }

    private func wait(_ scratch: ScratchDirectory, seconds: Int = 60, _ isDone: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !isDone() {
            let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
            try #require(ContinuousClock.now < deadline, "\(log.suffix(3000))")
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
