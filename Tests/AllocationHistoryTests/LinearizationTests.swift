import AllocationHistory
import EtcdLab
import Testing

@Suite("The judge against all linearizations")
struct LinearizationTests {
    /// How a random history's calls may lie to one another.
    enum Style: CaseIterable {
        /// Every owner is a container, which makes one call after the other.
        case containers
        /// Pods whose containers follow each other, with late DELs of the old ones.
        case pods
        /// Anything.
        case wild
    }

    private static func history(_ style: Style, answers: Int, using generator: inout SplitMix64) -> History {
        var script = Script()
        let last: Int64 = Int64.random(in: 6...16, using: &generator)
        func interval(from: Int64) -> ClosedRange<Int64> {
            let start = Int64.random(in: from...from + last / 3, using: &generator)
            return start...(start + Int64.random(in: 0...last / 2, using: &generator))
        }
        func outcome(_ numbers: [Int]) -> CallOutcome {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: .killed(signal: 9)
            default: .succeeded(addresses: Script.addresses(numbers))
            }
        }
        func add(_ container: String, _ pod: String?, _ times: ClosedRange<Int64>) {
            script.add(container, pod: pod, times, outcome([Int.random(in: 1...answers, using: &generator)]))
        }
        func delete(_ container: String, _ pod: String?, _ times: ClosedRange<Int64>) {
            script.delete(container, pod: pod, times, outcome([]))
        }
        for owner in 0..<Int.random(in: 2...3, using: &generator) {
            let pod = style == .containers ? nil : "ns/p\(owner)"
            switch style {
            case .containers:
                var time: Int64 = Int64.random(in: 0...last, using: &generator)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let times = interval(from: time)
                    let mayAdd = !script.calls.contains {
                        $0.verb == .delete && !$0.outcome.isSuccess && $0.attachment.container == "c\(owner)"
                    }
                    if mayAdd, Bool.random(using: &generator) {
                        add("c\(owner)", pod, times)
                    } else {
                        delete("c\(owner)", pod, times)
                    }
                    time = times.upperBound + 1
                }
            case .pods:
                var time: Int64 = Int64.random(in: 0...last / 2, using: &generator)
                for container in 0..<Int.random(in: 1...2, using: &generator) {
                    let name = "c\(owner).\(container)"
                    let times = interval(from: time)
                    add(name, pod, times)
                    time = times.upperBound + 1
                    if Int.random(in: 0..<4, using: &generator) > 0 {
                        delete(name, pod, interval(from: time))
                    }
                }
            case .wild:
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let name = "c\(owner).\(Int.random(in: 0...1, using: &generator))"
                    let times = interval(from: Int64.random(in: 0...last, using: &generator))
                    if Bool.random(using: &generator) {
                        add(name, pod, times)
                    } else {
                        delete(name, pod, times)
                    }
                }
            }
        }
        return script.history
    }

    @Test(
        "An address is convicted of two owners iff its calls have no linearization",
        arguments: Style.allCases,
        [1, 2]
    )
    func exactness(style: Style, answers: Int) {
        var generator = SplitMix64(seed: 20_261_126)
        var convicted = 0
        var missed = 0
        let rounds = 4000
        for round in 0..<rounds {
            let history = Self.history(style, answers: answers, using: &generator)
            let shared = Set(
                Judge().violations(in: history).compactMap { violation in
                    if case .sharedAddress(let address, _, _, _, _) = violation { address } else { nil }
                }
            )
            for address in Script.addresses(Array(1...answers)) {
                let isPossible = Linearization(history, address: address).exists
                if shared.contains(address) {
                    convicted += 1
                    #expect(!isPossible, "round \(round) convicts \(address) wrongly: \(Self.text(history))")
                } else if !isPossible {
                    missed += 1
                    #expect(
                        Self.leavesDoubt(history, style),
                        "round \(round) acquits \(address) wrongly: \(Self.text(history))"
                    )
                }
            }
        }
        #expect(convicted > rounds / 5)
        #expect(missed * 50 < convicted)
    }

    /// Whether a history holds what the judge gives the plugin the benefit of the doubt for.
    private static func leavesDoubt(_ history: History, _ style: Style) -> Bool {
        switch style {
        case .containers: false
        case .pods: history.calls.contains { $0.verb == .add && !$0.outcome.isSuccess }
        case .wild: true
        }
    }

    private static func text(_ history: History) -> String {
        history.calls.map {
            "\($0.number) \($0.verb) \($0.pod ?? "-") \($0.attachment.container) \($0.start / 1_000_000)...\($0.end / 1_000_000) "
                + "\($0.outcome.isSuccess ? $0.outcome.addresses.map(\.address).joined(separator: ",") : "killed")"
        }.joined(separator: "\n")
    }
}
