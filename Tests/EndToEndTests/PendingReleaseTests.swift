import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// DEL while etcd is out of reach, and what later calls make of it.
@Suite(.timeLimit(.minutes(10))) struct PendingReleaseTests {
    let etcd: EtcdServer
    let scratch: ScratchDirectory

    init() throws {
        etcd = try EtcdServer()
        scratch = try ScratchDirectory("journal")
    }

    private var journal: String { scratch.path("releases") }

    private func configuration(
        _ members: String = "\"range\": \"10.20.0.0/24\"",
        beside: String = "",
        journal: String? = nil
    ) -> String {
        let log = "\"log_file\": \"\(scratch.path("log"))\""
        return Plugin.configuration(
            etcd: etcd.endpoint,
            version: "1.1.0",
            "\(members), \(log)",
            beside: beside,
            journal: journal ?? self.journal
        )
    }

    private func call(_ command: String, _ container: String, _ configuration: String? = nil) throws
        -> RunningProcess.Outcome
    {
        try Plugin.call(command, container: container, configuration: configuration ?? self.configuration())
    }

    private func pending() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: journal + "/pending")) ?? []
    }

    private func log() throws -> String {
        try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
    }

    /// Deletes containers while etcd is down.
    private func deleteWithoutEtcd(_ containers: [String], _ configuration: String? = nil) throws {
        etcd.stop()
        let deletes = try containers.map { container in
            try Plugin.start("DEL", container: container, configuration: configuration ?? self.configuration())
        }
        for delete in deletes {
            let outcome = try delete.wait()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.isEmpty)
        }
        #expect(pending().count == containers.count)
        try etcd.start()
    }

    // MARK: - Freed by the next call

    @Test func fiftyPodsDeletedWithoutEtcdAreFreedByTheNextCall() throws {
        let containers = (1...50).map { "c\($0)" }
        for container in containers {
            #expect(try call("ADD", container).status == 0)
        }
        try deleteWithoutEtcd(containers)
        #expect(try etcd.addressKeys().count == 50)
        #expect(try call("DEL", "another").status == 0)
        #expect(try etcd.allocationKeys().isEmpty)
        #expect(pending().isEmpty)
        #expect(try call("ADD", "next").addresses == ["10.20.0.1/24"])
    }

    /// Beside its own work; its pod does not wait for more than two seconds, and what is left then is the next one's.
    @Test func fiftyPodsDeletedWithoutEtcdAreFreedByAnADD() throws {
        let containers = (1...50).map { "c\($0)" }
        for container in containers {
            #expect(try call("ADD", container).status == 0)
        }
        try deleteWithoutEtcd(containers)
        #expect(try call("ADD", "next").addresses == ["10.20.0.51/24"])
        for _ in 0..<20 where !pending().isEmpty {
            #expect(try call("ADD", "next").addresses == ["10.20.0.51/24"])
        }
        #expect(pending().isEmpty)
        #expect(try etcd.addressKeys().map { String($0.description.suffix(3)) } == ["051"])
    }

    /// An entry that would have every call on the node end by a trap.
    @Test(arguments: ["9223372036854775807", "-1", "31536001"])
    func anEntryWithANonsensicalTimeIsSetAside(retention: String) throws {
        let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0"
        _ = try Plugin.call("ADD", container: "c1", arguments: arguments, configuration: configuration())
        try deleteWithoutEtcd(["c1"])
        let path = "\(journal)/pending/\(try #require(pending().first))"
        let entry = try String(contentsOfFile: path, encoding: .utf8)
        let damaged = entry.replacing(#""retain":0"#, with: #""retain":\#(retention)"#)
        #expect(damaged != entry)
        try Data(damaged.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try call("ADD", "c2").addresses == ["10.20.0.2/24"])
        #expect(pending().isEmpty)
        #expect(try log().contains("its retain, \(retention), is not 0 to 31536000 seconds"))
        #expect(try call("STATUS", "").status == 0)
    }

    @Test(arguments: ["ADD", "DEL", "CHECK", "GC", "STATUS"]) func everyVerbFrees(command: String) throws {
        let added = try call("ADD", "stays")
        for container in ["c1", "c2"] {
            _ = try call("ADD", container)
        }
        try deleteWithoutEtcd(["c1", "c2"])
        let valid = "[{\"containerID\": \"stays\", \"ifname\": \"eth0\"}]"
        let beside =
            command == "CHECK"
            ? ", \"prevResult\": \(added.output)" : command == "GC" ? ", \"cni.dev/valid-attachments\": \(valid)" : ""
        let container = command == "DEL" ? "another" : "stays"
        let outcome = try call(command, container, configuration(beside: beside))
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try etcd.addressKeys().map { String($0.description.suffix(3)) } == ["001"])
        #expect(pending().isEmpty)
    }

    @Test func anEtcdThatTakesCallsAndAnswersNoneIsOutOfReachToo() throws {
        _ = try call("ADD", "c1")
        try etcd.freezeAndWait()
        let outcome = try call("DEL", "c1")
        etcd.thaw()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(pending().count == 1)
        #expect(try call("STATUS", "").status == 0)
        #expect(try etcd.addressKeys().isEmpty)
    }

    /// As while a certificate is renewed by hand, or with a password that was changed in etcd first.
    @Test func aReleaseThatEtcdIsNotAskedForIsPendingToo() throws {
        let secure = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: false))
        try secure.enableAuthentication(
            EtcdUser("plugin", password: PlantedPassword.text, access: .readWrite(prefix: "/whereabouts/"))
        )
        let ca = scratch.path("ca.crt")
        func call(_ command: String, password: String = PlantedPassword.text) throws -> RunningProcess.Outcome {
            let members =
                #""range": "10.20.0.0/24", "etcd_ca_cert_file": "\#(ca)", "etcd_token_cache": "none", "#
                + #""etcd_username": "plugin", "etcd_password": "\#(password)""#
            return try Plugin.call(
                command,
                container: command == "STATUS" ? "" : "c1",
                configuration: Plugin.configuration(
                    etcd: secure.endpoint,
                    version: "1.1.0",
                    members,
                    journal: journal
                )
            )
        }
        try FileManager.default.copyItem(atPath: TLSFixture.ca, toPath: ca)
        #expect(try call("ADD").status == 0)

        try FileManager.default.removeItem(atPath: ca)
        let withoutFile = try call("DEL")
        #expect(withoutFile.status == 0, "\(withoutFile)")
        #expect(pending().count == 1)
        #expect(try call("ADD").errorCode == 7)
        try FileManager.default.copyItem(atPath: TLSFixture.ca, toPath: ca)
        #expect(try call("STATUS").status == 0)
        #expect(pending().isEmpty)

        #expect(try call("ADD").addresses == ["10.20.0.1/24"])
        let refused = try call("DEL", password: "another")
        #expect(refused.status == 0, "\(refused)")
        #expect(pending().count == 1)
        #expect(try call("STATUS").status == 0)
        #expect(pending().isEmpty)
        #expect(try secure.etcdctl("get", "--prefix", "--keys-only", "/whereabouts/v1/address/").isEmpty)
    }

    /// A runtime that gave the ADD up without ending it; the DEL comes from a configuration whose password is out of date.
    @Test func anAddThatSeesItsReleasePendingGivesBackWhatItGot() throws {
        try etcd.enableAuthentication(
            EtcdUser("plugin", password: PlantedPassword.text, access: .readWrite(prefix: "/whereabouts/"))
        )
        func configuration(_ password: String) -> String {
            self.configuration(
                #""range": "10.20.0.0/24", "sleep_for_race": 3, "etcd_token_cache": "none", "#
                    + #""etcd_username": "plugin", "etcd_password": "\#(password)""#
            )
        }
        let before = try etcd.startedCalls("Txn")
        let adding = try Plugin.start("ADD", container: "c1", configuration: configuration(PlantedPassword.text))
        let limit = Deadline.after(.seconds(60))
        while try etcd.startedCalls("Txn") == before, !limit.hasPassed { usleep(10_000) }
        #expect(try call("DEL", "c1", configuration("another")).status == 0)
        #expect(pending().count == 1)
        let outcome = try adding.wait()
        #expect(outcome.errorCode == 11, "\(outcome)")
        #expect(outcome.errorText.contains("deleted"))
        #expect(pending().isEmpty)
        #expect(try etcd.etcdctl("get", "--prefix", "--keys-only", "/whereabouts/v1/address/").isEmpty)
    }

    /// The release was applied, and nobody knows.
    @Test func aReleaseWithoutAnswerIsPendingAndHarmless() throws {
        let added = try call("ADD", "c1")
        #expect(try call("ADD", "c2").status == 0)
        let proxy = try TCPProxy(to: etcd.clientPort, .loseSecondReply, .close)
        let configuration = configuration().replacing(etcd.endpoint, with: "\(proxy.endpoint)")
        #expect(try call("DEL", "c1", configuration).status == 0)
        #expect(pending().count == 1)
        proxy.cut(then: .forward)
        #expect(try call("ADD", "c3", configuration).addresses == added.addresses)
        #expect(pending().isEmpty)
        #expect(try etcd.addressKeys().count == 2)
    }

    // MARK: - Nothing that lives is freed

    /// A container that was stopped and started again has its ID still.
    @Test func aContainerThatComesBackKeepsWhatItGets() throws {
        for container in ["c1", "c2"] {
            _ = try call("ADD", container)
        }
        try deleteWithoutEtcd(["c1"])
        #expect(try call("ADD", "c1").addresses == ["10.20.0.1/24"])
        #expect(pending().isEmpty)
        for _ in 1...2 {
            #expect(try call("STATUS", "").status == 0)
            #expect(try etcd.addressKeys().count == 2)
        }
    }

    /// All at once, while other calls carry out whatever is pending.
    @Test func containersThatComeBackWhileOthersCarryOutKeepWhatTheyGet() throws {
        let containers = (1...12).map { "c\($0)" }
        for container in containers {
            #expect(try call("ADD", container).status == 0)
        }
        for round in 1...3 {
            try deleteWithoutEtcd(containers)
            let adds = try containers.map {
                try Plugin.start("ADD", container: $0, configuration: configuration())
            }
            let others = try (1...4).map { _ in
                try Plugin.start("STATUS", container: "", configuration: configuration())
            }
            let results = try adds.map { try $0.wait() }
            #expect(try others.map { try $0.wait().status } == [0, 0, 0, 0])
            #expect(results.allSatisfy { $0.status == 0 }, "round \(round): \(results)")
            #expect(Set(results.flatMap(\.addresses)).count == containers.count, "round \(round)")
            #expect(try call("STATUS", "").status == 0)
            #expect(pending().isEmpty)
            for (container, result) in zip(containers, results) {
                let checked = configuration(beside: ", \"prevResult\": \(result.output)")
                #expect(try call("CHECK", container, checked).status == 0, "round \(round): \(container)")
            }
        }
    }

    /// Entries that others may have written count for nothing; the ones of other containers are no reason to fail.
    @Test func aJournalThatOthersCanWriteFreesNothingAndHoldsNoAddUp() throws {
        _ = try call("ADD", "c1")
        try deleteWithoutEtcd(["c1"])
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: journal)
        #expect(try call("ADD", "c2").status == 0)
        #expect(try etcd.addressKeys().count == 2)
        // It would find the address that the entry is about.
        let outcome = try call("ADD", "c1")
        #expect(outcome.errorCode == 11)
        #expect(outcome.errorText.contains(journal))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: journal)
        #expect(try call("ADD", "c1").status == 0)
        #expect(try call("STATUS", "").status == 0)
        #expect(try etcd.addressKeys().count == 2)
    }

    @Test func aPodsNextContainerKeepsThePodsAddress() throws {
        let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0"
        func add(_ container: String) throws -> [String] {
            try Plugin.call("ADD", container: container, arguments: arguments, configuration: configuration()).addresses
        }
        _ = try call("ADD", "other")
        #expect(try add("old") == ["10.20.0.2/24"])
        try deleteWithoutEtcd(["old"])
        #expect(try add("new") == ["10.20.0.2/24"])
        #expect(pending().isEmpty)
        #expect(try etcd.addressKeys().count == 2)
    }

    // MARK: - Full ranges

    @Test func aFullRangeIsServedByWhatIsPending() throws {
        let small = configuration("\"range\": \"10.20.0.0/30\"")
        for container in ["c1", "c2"] {
            #expect(try call("ADD", container, small).status == 0)
        }
        try deleteWithoutEtcd(["c2"], small)
        #expect(try call("ADD", "c3", small).addresses == ["10.20.0.2/30"])
        #expect(try call("ADD", "c4", small).errorCode == 100)
    }

    @Test func aFullRangeWithReleasesThatStayPendingIsWorthAnotherTry() throws {
        let small = configuration("\"range\": \"10.20.0.0/30\"")
        for container in ["c1", "c2"] {
            #expect(try call("ADD", container, small).status == 0)
        }
        try deleteWithoutEtcd(["c2"], small)
        let key = "/whereabouts/v1/attachment/c2/eth0/default/ipv4/010.020.000.002"
        try etcd.client().put(PutRequest(Key(key), "garbage"), deadline: .after(.seconds(10)))
        let outcome = try call("ADD", "c3", small)
        #expect(outcome.errorCode == 11)
        for part in ["10.20.0.0/30", key] {
            #expect(outcome.errorText.contains(part), "\(outcome.errorText)")
        }
    }

    // MARK: - The journal

    @Test func aJournalThatCannotBeWrittenIsAnErrorThatNamesIt() throws {
        let file = scratch.path("file")
        try Data().write(to: URL(fileURLWithPath: file))
        _ = try call("ADD", "c1")
        etcd.stop()
        let outcome = try call("DEL", "c1", configuration(journal: file))
        #expect(outcome.errorCode == 11)
        for part in [file, "release_journal", etcd.endpoint] {
            #expect(outcome.errorText.contains(part), "\(outcome.errorText)")
        }
    }

    @Test func withoutAJournalTheRuntimeHasToDeleteAgain() throws {
        _ = try call("ADD", "c1")
        etcd.stop()
        #expect(try call("DEL", "c1", configuration(journal: "none")).errorCode == 11)
        try etcd.start()
        #expect(try call("DEL", "c1", configuration(journal: "none")).status == 0)
        #expect(try etcd.addressKeys().isEmpty)
    }

    @Test func theLogTellsWhatIsPendingAndWhatIsDamaged() throws {
        _ = try call("ADD", "c1")
        try deleteWithoutEtcd(["c1"])
        #expect(try log().contains("the release of c1/eth0 is pending in \(journal)"))
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: journal + "/pending/bad"))
        #expect(try call("STATUS", "").status == 0)
        #expect(try log().contains(journal + "/set-aside/bad"))
        #expect(try etcd.addressKeys().isEmpty)
    }

    @Test func theJournalHoldsNoPassword() throws {
        let members = """
            "range": "10.20.0.0/24", "etcd_username": "plugin", "etcd_password": "hunter2", \
            "etcd_token_cache": "\(scratch.path("tokens"))"
            """
        etcd.stop()
        #expect(try call("DEL", "c1", configuration(members)).status == 0)
        let name = try #require(pending().first)
        let entry = try String(contentsOfFile: "\(journal)/pending/\(name)", encoding: .utf8)
        #expect(entry.contains("c1"))
        for secret in ["hunter2", "plugin"] {
            #expect(!entry.contains(secret))
        }
    }
}
