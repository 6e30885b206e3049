import AllocationHistory
import FoundationEssentials
import Testing

@Suite("Figures of a run")
struct RunSummaryTests {
    @Test("Figures are those that were computed by hand")
    func figures() throws {
        var script = Script()
        // Ten ADDs of 1 to 10 ms, which end at 101 to 110 ms.
        for number in 1...10 {
            let end = 100 + Int64(number)
            script.add("c\(number)", end - Int64(number)...end, gets: number)
        }
        script.add("c11", 100...200, .killed(signal: 9))
        script.add("c11", 210...250, .failed(code: 11, message: "later"))
        script.add("c11", 260...1100, gets: 11)
        script.delete("c1", 100...2100)
        let summary = RunSummary(of: script.history, violations: [])
        #expect(summary.calls == 14)
        #expect(summary.acknowledged == 12)
        #expect(summary.retried == 2)
        #expect(summary.duration == 2000)
        #expect(summary.throughput == 6)
        #expect(summary.verbs.map(\.verb) == [.add, .delete])
        let add = try #require(summary.verbs.first)
        #expect(add.calls == 13)
        #expect(add.acknowledged == 11)
        // Twelve times that count: 1 to 10, 40, 840; ranks 6, 11, 12.
        let latency = try #require(add.latency)
        #expect([latency.p50, latency.p90, latency.p99, latency.maximum] == [6, 40, 840, 840])
        #expect(
            summary.failures.map { "\($0.verb) \($0.kind) \($0.calls)" } == ["add code 11 1", "add signal 9 1"]
        )
        #expect(summary.bucketLength == 100)
        #expect(summary.buckets.count == 21)
        #expect(summary.buckets.map(\.acknowledged).filter { $0 > 0 } == [10, 1, 1])
        #expect(summary.buckets[0].start == 100)
        #expect(summary.buckets[0].latency?.p50 == 5)
        #expect(summary.buckets[1].killed == 1)
        #expect(summary.buckets[1].failed == 1)
        #expect(summary.buckets[1].latency?.maximum == 40)
        #expect(summary.buckets[2].latency == nil)
        #expect(summary.failedCalls.map(\.call) == [11, 12])
    }

    @Test("An empty history has figures too, and so has one of a single call")
    func smallest() {
        let empty = RunSummary(of: Script().history, violations: [])
        #expect(empty.calls == 0)
        #expect(empty.throughput == 0)
        #expect(empty.buckets.isEmpty)
        #expect(empty.text().contains("no rule was broken"))

        var script = Script()
        script.add("a", 5...5, gets: 1)
        let single = RunSummary(of: script.history, violations: [])
        #expect(single.calls == 1)
        #expect(single.throughput == 0)
        #expect(single.buckets.count == 1)
        #expect(single.verbs.first?.latency?.p99 == 0)
    }

    @Test(
        "Buckets are a second long, but for very short and very long runs",
        arguments: [
            (9_000, 100, 91), (60_000, 1000, 61), (299_000, 1000, 300), (600_000, 2000, 301),
            (86_400_000, 300_000, 289),
        ] as [(Int64, Int64, Int)]
    )
    func buckets(length: Int64, bucket: Int64, count: Int) {
        var script = Script()
        script.add("a", 0...0, gets: 1)
        script.add("b", 0...length, gets: 2)
        let summary = RunSummary(of: script.history, violations: [])
        #expect(summary.bucketLength == bucket)
        #expect(summary.buckets.count == count)
    }

    @Test("The table's columns are aligned, and control characters do not reach the terminal")
    func text() {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.add("b", 0...12, .malformed("\u{1b}[31m\n{\n\t}\n"))
        script.delete("a", 20...1_234)
        script.faults = [FaultPeriod(kind: "kill", target: "m\u{1b}1", start: 5_000_000, end: nil)]
        let text = RunSummary(of: script.history, violations: Judge().violations(in: script.history)).text()
        #expect(
            text == """
                double: 1 violation
                3 calls in 1.2 s: 2 acknowledged, 1.62 a second; 1 failed, 0 killed, 0 retried; 1 fault period; seed 7

                verb    calls  acknowledged  p50 ms  p90 ms  p99 ms  max ms
                add         2             1    10.0    12.0    12.0    12.0
                delete      1             1    1214    1214    1214    1214

                verb  failure    calls
                add   malformed      1

                fault  target     from   to
                kill   m\u{fffd}1     0.005 s  end

                checked                       count  rules
                calls                             3  malformedAnswer, unfinishedCall, leakedSecret, unexpectedError
                ADDs that were acknowledged       1  changedAddress, wrongRange
                addresses that they returned      1  sharedAddress
                ADDs that found a range full      0  falseExhaustion

                malformedAnswer: 1 violation
                  Call 2 ended at 0.012 s with neither a result nor an error: \u{fffd}[31m {  }

                """
        )
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 })
    }

    @Test("Of each rule the first violations are listed and the others counted, and many of one hide none of another")
    func limit() {
        let violations =
            (0..<500).map { Violation.unfinishedCall(call: $0, afterMilliseconds: 1, time: 1) }
            + [.wrongRange(call: 7, problem: "10.9.0.1, which is in none of its ranges", time: 1)]
        let summary = RunSummary(of: Script().history, violations: violations)
        #expect(
            summary.text(violationsPerRule: 2).hasSuffix(
                """

                unfinishedCall: 500 violations
                  Call 0 did not end within 1 ms and was ended at 0.000 s.
                  Call 1 did not end within 1 ms and was ended at 0.000 s.
                  and 498 more
                wrongRange: 1 violation
                  Call 7, which ended at 0.000 s, returned 10.9.0.1, which is in none of its ranges.

                """
            )
        )
        #expect(summary.violations.count == 501)
    }

    @Test("What was checked names every rule once, and none that the history could not show a breach of")
    func checks() {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.add("b", 10...20, gets: 2)
        script.add("b", 20...30, gets: 2)
        script.add("c", 20...30, .failed(code: 100, message: "full"))
        script.snapshot(40, Script.record(1, "a"), Script.record(2, "b"))
        script.cleanedUp(50)
        let checks = RunSummary(of: script.history, violations: []).checks
        #expect(
            checks.flatMap(\.rules).sorted { $0.rawValue < $1.rawValue }
                == Rule.allCases.sorted { $0.rawValue < $1.rawValue }
        )
        #expect(checks.map(\.count) == [4, 3, 2, 1, 2, 0, nil])

        script.before = StoreSnapshot(time: 40_000_000, records: [], indexKeyCount: 6, inconsistencies: [])
        script.after = StoreSnapshot(time: 50_000_000, records: [], indexKeyCount: 1, inconsistencies: [])
        #expect(RunSummary(of: script.history, violations: []).checks.last?.count == 7)

        // A plugin that is not ours.
        (script.before, script.after, script.ranges) = (nil, nil, [])
        let foreign = RunSummary(of: script.history, violations: []).checks
        #expect(
            Set(foreign.flatMap(\.rules)) == [
                .malformedAnswer, .unfinishedCall, .leakedSecret, .unexpectedError, .changedAddress, .sharedAddress,
            ]
        )
    }

    @Test("JSON has stable keys and can be read again")
    func json() throws {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.add("b", 0...12, gets: 1)
        let summary = RunSummary(of: script.history, violations: Judge().violations(in: script.history))
        let json = summary.json()
        #expect(try JSONDecoder().decode(RunSummary.self, from: Data(json)) == summary)
        let text = String(decoding: json, as: UTF8.self)
        for key in [
            "acknowledged", "bucketLength", "buckets", "calls", "checks", "duration", "failedCalls", "failures",
            "faults", "plan",
            "plugin", "retried", "seed", "start", "throughput", "verbs", "violations",
        ] {
            #expect(text.contains("\n  \"\(key)\" : "))
        }
        #expect(text.contains(#""rule" : "sharedAddress""#))
    }
}
