import AllocationHistory
import EtcdLab
import Testing

@Suite("The judge against runs of a right plugin in a model")
struct ModelRunTests {
    private static func run(_ seed: UInt64) -> History {
        ModelRun(seed: seed, pods: 6, restarts: 3, capacity: 4 + Int(seed % 3), retains: seed % 4 == 0).history
    }

    @Test("It is acquitted, and finds its range full now and then")
    func acquittal() {
        var exhausted = 0
        for seed in UInt64(0)..<2000 {
            let history = Self.run(seed)
            let violations = Judge().violations(in: history)
            #expect(violations.isEmpty, "seed \(seed)")
            exhausted += history.calls.count { if case .failed = $0.outcome { true } else { false } }
        }
        #expect(exhausted > 500)
    }

    @Test("Its records are missed when they are taken away, unless their ADD was never acknowledged")
    func missingRecords() {
        var convicted = 0
        for seed in UInt64(0)..<300 {
            let history = Self.run(seed)
            let violations = Judge().violations(
                in: History(
                    plugin: "",
                    seed: seed,
                    plan: [:],
                    ranges: history.ranges,
                    calls: history.calls,
                    faults: [],
                    beforeCleanup: StoreSnapshot(
                        time: history.beforeCleanup?.time ?? 0,
                        records: [],
                        inconsistencies: []
                    ),
                    afterCleanup: nil
                )
            )
            #expect(violations.allSatisfy { $0.rule == .lostRecord })
            convicted += violations.count
        }
        #expect(convicted > 200)
    }

    @Test("Every record of the end is a leak when everything is deleted once more")
    func leaks() {
        for seed in UInt64(0)..<300 {
            let history = Self.run(seed)
            let records = history.beforeCleanup?.records.filter { !$0.isRetained } ?? []
            let time = history.beforeCleanup?.time ?? 0
            let deletes = records.enumerated().map { index, record in
                Call(
                    number: 1000 + index,
                    verb: .delete,
                    node: "n1",
                    network: "net",
                    attachment: record.attachment,
                    pod: nil,
                    ranges: [],
                    start: time + 1,
                    end: time + 2,
                    outcome: .succeeded(addresses: [])
                )
            }
            let violations = Judge().violations(
                in: History(
                    plugin: "",
                    seed: seed,
                    plan: [:],
                    ranges: history.ranges,
                    calls: history.calls + deletes,
                    faults: [],
                    beforeCleanup: StoreSnapshot(time: time + 3, records: records, inconsistencies: []),
                    afterCleanup: nil
                )
            )
            #expect(violations.map(\.rule) == records.map { _ in .leakedRecord })
        }
    }

    /// A history of many calls, of a plugin whose store is empty at the end.
    static func large(calls: Int, using generator: inout SplitMix64) -> History {
        var recorded: [Call] = []
        recorded.reserveCapacity(calls)
        let pods = 2000
        for number in 0..<calls {
            let pod = number % pods
            let restart = number / pods / 2
            let start = Int64(number) * 1_000_000 + Int64.random(in: 0...900_000, using: &generator)
            let isAdd = number / pods % 2 == 0
            let address = HistoryAddress(domain: "", address: "10.0.\(pod / 250).\(pod % 250 + 1)")
            let outcome: CallOutcome =
                switch Int.random(in: 0..<20, using: &generator) {
                case 0: .killed(signal: 9)
                case 1: .failed(code: isAdd ? 100 : 11, message: "no")
                default: .succeeded(addresses: isAdd ? [address] : [])
                }
            recorded.append(
                Call(
                    number: number,
                    verb: number % 1000 == 999 ? .collect : isAdd ? .add : .delete,
                    node: "node\(pod % 50)",
                    network: "net",
                    attachment: CallAttachment(container: "c\(pod).\(restart)", interface: "net1"),
                    pod: pod % 2 == 0 ? "ns/p\(pod)" : nil,
                    ranges: isAdd ? [0] : [],
                    start: start,
                    end: start + Int64.random(in: 0...50_000_000, using: &generator),
                    outcome: outcome
                )
            )
        }
        return History(
            plugin: "large",
            seed: 1,
            plan: ["nodes": "50"],
            ranges: [
                HistoryRange(
                    domain: "",
                    first: "10.0.0.1",
                    last: "10.0.7.250",
                    allocatableCount: 2000,
                    retainSeconds: 0
                )
            ],
            calls: recorded,
            faults: [],
            beforeCleanup: StoreSnapshot(time: 1_000_000_000_000, records: [], inconsistencies: []),
            afterCleanup: nil
        )
    }

    /// Seconds, if it is a matter of sorting; comparing every call with every other would take hours.
    @Test("Two hundred thousand calls are judged", .timeLimit(.minutes(5)))
    func large() {
        var generator = SplitMix64(seed: 5)
        let history = Self.large(calls: 202_000, using: &generator)
        #expect(Judge().violations(in: history).contains { $0.rule == .lostRecord })
    }
}
