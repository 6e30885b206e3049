import AllocationHistory
import FoundationEssentials
import Testing

@Suite("A broken plugin is convicted of exactly what it did")
struct ConvictionTests {
    private func rules(_ script: Script, judge: Judge = Judge()) -> [Rule] {
        judge.violations(in: script.history).map(\.rule)
    }

    @Test("Two owners hold one address, and the evidence names when")
    func sharedAddress() {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.add("b", 12...20, gets: 1)
        script.delete("a", 30...31)
        script.delete("b", 40...41)
        #expect(
            Judge().violations(in: script.history) == [
                .sharedAddress(
                    address: Script.addresses([1])[0],
                    first: 1,
                    second: 2,
                    from: 20_000_000,
                    to: 30_000_000
                )
            ]
        )
    }

    @Test("An owner must have had an address at a moment at which another had it all the time")
    func sharedAddressWithoutCertainInterval() {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.add("b", 20...30, gets: 1)
        script.delete("b", 25...28, .killed(signal: 9))
        #expect(rules(script) == [.sharedAddress])
    }

    @Test("A late DEL of a pod's old container gives its address away")
    func lateDeleteFrees() {
        var script = Script()
        script.add("old", pod: "ns/p", 0...1, gets: 1)
        script.add("new", pod: "ns/p", 2...3, gets: 1)
        script.delete("old", pod: "ns/p", 4...5)
        script.add("b", pod: "ns/q", 6...7, gets: 1)
        #expect(rules(script) == [.sharedAddress])
    }

    @Test("A GC takes what it was told to spare")
    func collectionFreesValid() {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.collect(2...3, valid: ["a"])
        script.add("b", 4...5, gets: 1)
        #expect(rules(script) == [.sharedAddress])
    }

    @Test("A GC that was killed takes what was not there when it ended")
    func collectionFreesLater() {
        var script = Script()
        script.collect(0...1, valid: [], outcome: .killed(signal: 9))
        script.add("a", 2...3, gets: 1)
        script.add("b", 4...5, gets: 1)
        #expect(rules(script) == [.sharedAddress])
    }

    @Test("A repeated ADD, or one of the pod's next container, gets another address", arguments: ["a", "b"])
    func changedAddress(container: String) {
        var script = Script()
        script.add("a", pod: "ns/p", 0...1, gets: 1)
        script.add(container, pod: "ns/p", 2...3, gets: 2)
        let violations = Judge().violations(in: script.history)
        #expect(violations.map(\.rule) == [.changedAddress])
        #expect(violations.first?.calls == [1, 2])
        #expect("\(violations)".contains("10.0.0.1") && "\(violations)".contains("10.0.0.2"))
    }

    @Test("Two overlapping ADDs of one owner return different addresses")
    func changedAddressAtOnce() {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.add("a", 5...15, gets: 2)
        #expect(rules(script) == [.changedAddress])
    }

    @Test(
        "An acknowledged address has no record, or one that says otherwise",
        arguments: [
            [], [Script.record(1, "b", pod: "ns/p")], [Script.record(1, "a", pod: "ns/q")],
            [Script.record(1, "a", pod: "ns/p", isRetained: true)],
        ]
    )
    func lostRecord(records: [StoredRecord]) {
        var script = Script()
        script.add("a", pod: "ns/p", 0...1, gets: 1)
        script.add("b", 2...3, gets: 2)
        script.before = StoreSnapshot(
            time: 9_000_000,
            records: records + [Script.record(2, "b")],
            inconsistencies: []
        )
        #expect(rules(script) == [.lostRecord])
    }

    @Test("A record stays with a pod's old container")
    func lostToOldContainer() {
        var script = Script()
        script.add("old", pod: "ns/p", 0...1, gets: 1)
        script.add("new", pod: "ns/p", 2...3, gets: 1)
        script.snapshot(9, Script.record(1, "old", pod: "ns/p"))
        #expect(rules(script) == [.lostRecord])
    }

    @Test("A record outlives its DEL")
    func leakedRecord() {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.delete("a", 2...3)
        script.snapshot(9, Script.record(1, "a"))
        #expect(rules(script) == [.leakedRecord])
    }

    @Test("A killed ADD's record outlives its DEL")
    func leakedByKilledAdd() {
        var script = Script()
        script.add("a", 0...1, .killed(signal: 9))
        script.delete("a", 2...3)
        script.snapshot(9, Script.record(1, "a"))
        #expect(rules(script) == [.leakedRecord])
    }

    @Test("A record outlives a GC that did not spare it")
    func leakedByCollection() {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.collect(2...3, valid: [])
        script.snapshot(9, Script.record(1, "a"))
        #expect(rules(script) == [.leakedRecord])
    }

    @Test("A record is retained in a range that retains nothing")
    func retainedWithoutRetention() {
        var script = Script()
        script.add("a", pod: "ns/p", 0...1, gets: 1)
        script.delete("a", pod: "ns/p", 2...3)
        script.snapshot(9, Script.record(1, "a", pod: "ns/p", isRetained: true))
        #expect(rules(script) == [.leakedRecord])
    }

    @Test("A record is nobody's")
    func strangeRecord() {
        var script = Script()
        script.snapshot(9, Script.record(1, "x"))
        #expect(rules(script) == [.strangeRecord])
    }

    @Test("A record is of a container that found the range full, or that was never added")
    func recordOfFailedAdd() {
        var script = Script()
        script.ranges = [
            HistoryRange(domain: "", first: "10.0.0.1", last: "10.0.0.1", allocatableCount: 1, retainSeconds: 0)
        ]
        script.add("a", 0...1, gets: 1)
        script.add("b", 2...3, .failed(code: 100, message: "full"))
        script.delete("c", 2...3)
        script.snapshot(9, Script.record(1, "a"), Script.record(2, "b"), Script.record(3, "c"))
        #expect(rules(script) == [.strangeRecord, .strangeRecord])
    }

    @Test("A record outlives the clean-up")
    func leftRecord() {
        var script = Script()
        script.add("a", 0...1, .killed(signal: 9))
        script.cleanedUp(9, Script.record(1, "a"))
        #expect(rules(script) == [.leftRecord])
    }

    @Test("A range is said to be full that cannot be")
    func falseExhaustion() {
        var script = Script()
        for container in 1...8 {
            script.add("c\(container)", 0...1, gets: container)
        }
        script.add("b", 5...6, .failed(code: 100, message: "full"))
        let violations = Judge().violations(in: script.history)
        #expect(
            violations == [
                .falseExhaustion(call: 9, range: script.ranges[0], mostTaken: 8, from: 5_000_000, to: 6_000_000)
            ]
        )
    }

    @Test("A range is said to be full after a release, and after a retry of a killed ADD")
    func falseExhaustionAfterRelease() {
        var script = Script()
        script.ranges = [
            HistoryRange(domain: "", first: "10.0.0.1", last: "10.0.0.2", allocatableCount: 2, retainSeconds: 0)
        ]
        script.add("a", 0...1, .killed(signal: 9))
        script.add("a", 2...3, gets: 1)
        script.add("b", 4...5, gets: 2)
        script.delete("b", 6...7)
        script.add("c", 8...9, .failed(code: 100, message: "full"))
        #expect(rules(script) == [.falseExhaustion])
        #expect(rules(script, judge: Judge(releaseDelay: 2_000_000)) == [])
    }

    @Test("The store contradicts itself, before and after")
    func inconsistentIndex() {
        var script = Script()
        script.snapshot(8, inconsistencies: ["one", "two"])
        #expect(rules(script) == [.inconsistentIndex, .inconsistentIndex])
    }

    @Test(
        "An answer that is wrong by itself",
        arguments: [
            (CallOutcome.malformed("exit 2, no output"), Rule.malformedAnswer),
            (.unfinished(afterMilliseconds: 60_000), .unfinishedCall), (.leaked("password in stderr"), .leakedSecret),
            (.failed(code: 7, message: "no"), .unexpectedError),
            (.succeeded(addresses: Script.addresses([10])), .wrongRange), (.succeeded(addresses: []), .wrongRange),
            (.succeeded(addresses: Script.addresses([1, 2])), .wrongRange),
            (.succeeded(addresses: [HistoryAddress(domain: "other", address: "10.0.0.1")]), .wrongRange),
            (.succeeded(addresses: [HistoryAddress(domain: "", address: "10.0.0")]), .wrongRange),
        ]
    )
    func answers(outcome: CallOutcome, rule: Rule) {
        var script = Script()
        script.add("a", 0...1, outcome)
        #expect(rules(script) == [rule])
    }

    @Test("An address for two ranges, and two addresses of one range")
    func wrongRangeOfTwo() {
        var script = Script()
        script.ranges += [
            HistoryRange(domain: "", first: "10.0.1.1", last: "10.0.1.9", allocatableCount: 9, retainSeconds: 0)
        ]
        script.call(.add, "a", 0...1, ranges: [0, 1], .succeeded(addresses: Script.addresses([1, 1])))
        script.call(.add, "b", 0...1, ranges: [0, 1], .succeeded(addresses: Script.addresses([2, 3])))
        #expect(rules(script) == [.wrongRange, .wrongRange])
    }

    @Test("Exhaustion is no answer of a DEL, and a code is expected where the judge was told so")
    func unexpectedErrors() {
        var script = Script()
        script.delete("a", 0...1, .failed(code: 100, message: "full"))
        script.call(.status, "", 0...1, .failed(code: 50, message: "etcd does not answer"))
        #expect(rules(script) == [.unexpectedError, .unexpectedError])
        #expect(rules(script, judge: Judge(expectedErrors: [50])) == [.unexpectedError])
    }

    @Test("Every violation survives a round trip through JSON and has a description")
    func descriptions() throws {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.add("b", 0...1, gets: 1)
        script.add("b", 2...3, gets: 2)
        script.snapshot(9, Script.record(3, "x"), inconsistencies: ["no record"])
        let violations = Judge().violations(in: script.history)
        #expect(violations.count == 6)
        let stored = try JSONEncoder().encode(violations)
        #expect(try JSONDecoder().decode([Violation].self, from: stored) == violations)
        for violation in violations {
            #expect(violation.description.hasSuffix(".") || violation.description.hasSuffix("no record"))
        }
    }
}
