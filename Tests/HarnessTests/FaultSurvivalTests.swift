import AllocationHistory
import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// The real plugin survives what a run breaks.
@Suite(.timeLimit(.minutes(20))) struct FaultSurvivalTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory("harness-tests")
    }

    /// Makes a run that ends with its time, in which no rule may be broken.
    private func survivedRun(
        _ plugin: String,
        _ options: [String],
        faults: String,
        seconds: Int
    ) throws -> (outcome: RunningProcess.Outcome, history: History) {
        let output = scratch.path("run")
        let outcome = try HarnessProgram.call(
            ["run", "--plugin", plugin] + options + [
                "--faults", faults, "--attachments", "100000", "--seconds", String(seconds), "--output", output,
            ]
        )
        #expect(outcome.status == 0, "\(outcome)")
        return (outcome, try HarnessProgram.history(output))
    }

    @Test(.enabled(if: Host.isRoot, "network namespaces need root"), arguments: ["plain", "tls-user"])
    func everyFaultIsSurvived(security: String) throws {
        let (outcome, history) = try survivedRun(
            security == "plain" ? HarnessProgram.dynamicPlugin : Plugin.path,
            ["--members", "3", "--security", security, "--nodes", "4", "--pods", "2"],
            faults: "all",
            seconds: security == "plain" ? 90 : 45
        )
        // Each kind comes before any comes again; a static plugin takes no other clock, and an old etcd is not filled.
        let leftOut = outcome.output.matches(of: /\n(?:clock-jumped|quota-exceeded) is left out:/).count
        #expect(Set(history.faults.map(\.kind)).count == min(history.faults.count, 10 - leftOut))
        #expect(security != "plain" || !outcome.output.contains("clock-jumped is left out"), "\(outcome.output)")
        #expect(history.faults.count > 3)
        #expect(outcome.errors.contains(/\n3\d s  \d+\/100000 attachments .* fault periods/), "\(outcome.errors)")
        #expect(history.calls.contains { if case .killed = $0.outcome { true } else { false } })
    }

    @Test(
        .enabled(if: Host.isRoot, "network namespaces need root"),
        arguments: ["member-slowed", "connection-cut", "clock-jumped"],
        ["plain", "tls-user"]
    )
    func faultIsSurvivedByItself(fault: String, security: String) throws {
        let (outcome, history) = try survivedRun(
            fault == "clock-jumped" ? HarnessProgram.dynamicPlugin : Plugin.path,
            [
                "--members", fault == "member-slowed" ? "1" : "3", "--security", security, "--nodes", "2", "--pods",
                "3",
            ],
            faults: "\(fault),plugin-killed",
            seconds: 20
        )
        #expect(!history.faults.isEmpty)
        #expect(history.faults.allSatisfy { $0.kind == fault })
        #expect(!outcome.output.contains("could not be brought about"), "\(outcome.output)")
        switch fault {
        case "member-slowed":
            // There and back.
            let slow = history.calls.filter { call in
                call.end - call.start >= 100_000_000
                    && history.faults.contains { $0.start < call.start && call.end < $0.end ?? .max }
            }
            #expect(!slow.isEmpty)
        case "connection-cut":
            #expect(outcome.output.contains(/\n[1-9]\d* connections were cut/), "\(outcome.output)")
        default:
            #expect(history.faults.allSatisfy { $0.target.contains(/^node-[01] by -?\d{4,5} s$/) })
        }
    }

    /// The records say what the plugin took for the time.
    @Test func clockOfANodeIsThatOfItsPlugins() throws {
        let etcd = try EtcdServer()
        let run = try RunningProcess(
            HarnessProgram.path,
            [
                "run", "--plugin", HarnessProgram.dynamicPlugin, "--endpoints", etcd.endpoint, "--faults",
                "clock-jumped",
                "--nodes",
                "2", "--pods", "2", "--attachments", "100000", "--seconds", "30", "--output", scratch.path("clock"),
            ]
        )
        var (isWrong, isRight) = (false, false)
        let limit = ContinuousClock.now + .seconds(30)
        while !(isWrong && isRight), ContinuousClock.now < limit {
            let records = try etcd.client().range(
                RangeRequest(.prefix("/whereabouts/v1/address/")),
                deadline: .after(.seconds(20))
            )
            for keyValue in records.keyValues {
                let record = try JSONSerialization.jsonObject(with: Data(keyValue.value)) as? [String: Any]
                let created = try Date(#require(record?["created"] as? String), strategy: .iso8601)
                if abs(created.timeIntervalSinceNow) > 3000 { isWrong = true } else { isRight = true }
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
        let outcome = try run.wait()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(isWrong)
        #expect(isRight)
    }

    @Test func pluginThatTakesNoOtherClockIsRunWithout() throws {
        let outcome = try HarnessProgram.call(
            "run",
            "--plugin",
            // A script is no dynamically linked program either.
            try BrokenPlugin(.readsNothing, in: scratch).path,
            "--faults",
            "clock-jumped",
            "--nodes",
            "1",
            "--attachments",
            "4",
            "--output",
            scratch.path("static")
        )
        #expect(outcome.output.contains("clock-jumped is left out: it needs a dynamically linked plugin"), "\(outcome)")
        #expect(try HarnessProgram.history(scratch.path("static")).faults.isEmpty)
    }
}
