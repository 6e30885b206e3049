import AllocationHistory
import Testing

@Suite("A right plugin is acquitted, however odd its history looks")
struct AcquittalTests {
    private func violations(_ script: Script) -> [Violation] {
        Judge().violations(in: script.history)
    }

    private static func pool(_ count: Int, retain: Int = 0) -> HistoryRange {
        HistoryRange(
            domain: "",
            first: "10.0.0.1",
            last: "10.0.0.\(count)",
            allocatableCount: UInt64(count),
            retainSeconds: retain
        )
    }

    @Test("Nothing happened")
    func nothing() {
        #expect(violations(Script()) == [])
    }

    @Test("The late DEL of a pod's old container frees nothing")
    func lateDelete() {
        var script = Script()
        script.add("old", pod: "ns/p", 0...1, gets: 1)
        script.add("new", pod: "ns/p", 2...3, gets: 1)
        script.delete("old", pod: "ns/p", 4...5)
        script.add("new", pod: "ns/p", 6...7, gets: 1)
        script.snapshot(9, Script.record(1, "new", pod: "ns/p"))
        #expect(violations(script) == [])
    }

    @Test("The DEL of the old container comes while the new one is added, which gets the address of old or another")
    func overlappingDelete() {
        var script = Script()
        script.add("old", pod: "ns/p", 0...1, gets: 1)
        script.delete("old", pod: "ns/p", 4...8)
        script.add("new", pod: "ns/p", 5...9, gets: 2)
        script.add("b", 5...6, gets: 1)
        script.snapshot(12, Script.record(2, "new", pod: "ns/p"), Script.record(1, "b"))
        #expect(violations(script) == [])
    }

    @Test("An address passes from hand to hand at once")
    func handover() {
        var script = Script()
        script.add("a", 0...10, gets: 1)
        script.delete("a", 10...20)
        script.add("b", 5...10, gets: 1)
        script.delete("b", 11...12)
        script.add("c", 12...12, gets: 1)
        script.snapshot(30, Script.record(1, "c"))
        #expect(violations(script) == [])
    }

    @Test("A killed ADD's record stays until its DEL", arguments: [true, false])
    func killedAdd(didCommit: Bool) {
        var script = Script()
        script.ranges = [Self.pool(2)]
        script.add("a", 0...1, .killed(signal: 9))
        script.add("b", 0...1, gets: 2)
        script.add("c", 2...3, .failed(code: 100, message: "full"))
        script.add("d", 2...3, .failed(code: 11, message: "no answer"))
        script.before = StoreSnapshot(
            time: 9_000_000,
            records: [Script.record(2, "b")] + (didCommit ? [Script.record(1, "a")] : []),
            inconsistencies: []
        )
        #expect(violations(script) == [])
        script.before = nil
        script.delete("a", 10...11)
        script.add("c", 12...13, gets: 1)
        #expect(violations(script) == [])
    }

    @Test("A killed ADD of the next container may have taken over, so that its DEL may release")
    func killedTakeover() {
        var script = Script()
        script.add("old", pod: "ns/p", 0...1, gets: 1)
        script.add("new", pod: "ns/p", 2...3, .killed(signal: 9))
        script.delete("new", pod: "ns/p", 4...5)
        script.add("b", 6...7, gets: 1)
        #expect(violations(script) == [])
    }

    @Test(
        "A DEL of unknown outcome may have released",
        arguments: [
            CallOutcome.killed(signal: 15), .failed(code: 11, message: "no answer"),
        ]
    )
    func unknownDelete(outcome: CallOutcome) {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.delete("a", 2...3, outcome)
        script.add("b", 4...5, gets: 1)
        script.delete("a", 6...7)
        script.snapshot(9, Script.record(1, "b"))
        #expect(violations(script) == [])
    }

    @Test("A GC releases what it was not told to spare, or what it is not known to spare", arguments: [["b"], nil])
    func collection(valid: [String]?) {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.add("b", 0...1, gets: 2)
        script.collect(2...3, valid: valid)
        script.add("c", 4...5, gets: 1)
        script.snapshot(9, Script.record(2, "b"), Script.record(1, "c"))
        #expect(violations(script) == [])
    }

    @Test("Retained addresses wait for their pod, fill the range, and outlive the clean-up")
    func retention() {
        var script = Script()
        script.ranges = [Self.pool(2, retain: 60)]
        script.add("a", pod: "ns/p", 0...1, gets: 1)
        script.delete("a", pod: "ns/p", 2...3)
        script.add("b", pod: "ns/q", 4...5, gets: 2)
        script.add("c", pod: "ns/r", 6...7, .failed(code: 100, message: "full"))
        script.snapshot(9, Script.record(1, "a", pod: "ns/p", isRetained: true), Script.record(2, "b", pod: "ns/q"))
        script.cleanedUp(20, Script.record(1, "a", pod: "ns/p", isRetained: true))
        #expect(violations(script) == [])
    }

    @Test("A range is full for a moment of the call only, or one of two ranges is")
    func exhaustion() {
        var script = Script()
        script.ranges = [Self.pool(1), Self.pool(9)]
        script.ranges[1] = HistoryRange(
            domain: "",
            first: "10.0.1.1",
            last: "10.0.1.9",
            allocatableCount: 9,
            retainSeconds: 0
        )
        script.add("a", 0...1, gets: 1)
        script.delete("a", 5...6)
        script.call(.add, "b", 6...20, ranges: [1, 0], .failed(code: 100, message: "full"))
        #expect(violations(script) == [])
    }

    @Test("A range is full of another range's addresses")
    func overlappingRanges() {
        var script = Script()
        script.ranges = [
            Self.pool(9),
            HistoryRange(domain: "", first: "10.0.0.1", last: "10.0.0.2", allocatableCount: 2, retainSeconds: 0),
        ]
        script.add("a", 0...1, gets: 1)
        script.add("b", 0...1, .killed(signal: 9))
        script.call(.add, "c", 6...20, ranges: [1], .failed(code: 100, message: "full"))
        #expect(violations(script) == [])
    }

    @Test("Addresses of two overlapping ranges fit in one way only, which is not the order of the answer")
    func matching() {
        var script = Script()
        script.ranges = [
            Self.pool(9),
            HistoryRange(domain: "", first: "10.0.0.1", last: "10.0.0.2", allocatableCount: 2, retainSeconds: 0),
        ]
        script.call(.add, "a", 0...1, ranges: [0, 1], .succeeded(addresses: Script.addresses([1, 5])))
        #expect(violations(script) == [])
    }

    @Test("Two domains have the same address")
    func domains() {
        var script = Script()
        script.ranges.append(
            HistoryRange(domain: "blue", first: "10.0.0.1", last: "10.0.0.9", allocatableCount: 9, retainSeconds: 0)
        )
        script.add("a", 0...1, gets: 1)
        script.call(
            .add,
            "b",
            0...1,
            ranges: [1],
            .succeeded(addresses: [HistoryAddress(domain: "blue", address: "10.0.0.1")])
        )
        #expect(violations(script) == [])
    }

    @Test("What came behind the snapshot does not count there")
    func behindSnapshot() {
        var script = Script()
        script.add("a", 0...1, gets: 1)
        script.snapshot(5, Script.record(1, "a"))
        script.delete("a", 6...7)
        script.add("b", 8...9, gets: 1)
        script.cleanedUp(20)
        #expect(violations(script) == [])
    }
}
