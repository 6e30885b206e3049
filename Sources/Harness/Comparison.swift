internal import AllocationHistory

/// How two plugins did under the same load.
struct Comparison {
    private let first: [RunSummary]
    private let second: [RunSummary]

    /// Compares runs, one after the other in turn.
    init(_ first: [RunSummary], _ second: [RunSummary]) {
        self.first = first
        self.second = second
    }

    /// Medians and ratios, a line for each figure.
    var text: String {
        let names = [first, second].map { $0.first?.plugin ?? "" }
        var table = TextTable(["", "A", "B", "A/B"], leading: [0])
        table.append(row("calls a second") { $0.throughput })
        for verb in Verb.allCases {
            for (name, figure) in [("p50", \LatencySummary.p50), ("p99", \LatencySummary.p99)] {
                let values = [first, second].map { $0.compactMap { latency($0, verb)?[keyPath: figure] } }
                guard values.allSatisfy({ !$0.isEmpty }) else { continue }
                table.append(row("\(verb.rawValue) \(name) ms") { latency($0, verb)?[keyPath: figure] })
            }
        }
        table.append(row("failed calls") { Double($0.failures.reduce(0) { $0 + $1.calls }) })
        table.append(row("violations") { Double($0.violations.count) })
        let verdicts = zip(["A", "B"], [first, second]).flatMap { name, runs in
            runs.flatMap(\.violations).lines(perRule: 3).map { "\(name)  \($0)" }
        }
        let head = [
            "A  \(names[0])", "B  \(names[1])",
            "Medians of \(first.count.counting("run")) of each, in turn, all with seed \(seed).", "",
        ]
        return (head + table.lines + verdicts).joined(separator: "\n")
    }

    /// What the choices of all runs followed from.
    private var seed: UInt64 { first.first?.seed ?? 0 }

    private func latency(_ summary: RunSummary, _ verb: Verb) -> LatencySummary? {
        summary.verbs.first { $0.verb == verb }?.latency
    }

    private func row(_ name: String, _ figure: (RunSummary) -> Double?) -> [String] {
        let medians = [first, second].map { $0.compactMap(figure).median }
        let ratio = medians[1] == 0 ? "" : (medians[0] / medians[1]).decimal(2)
        return [name] + medians.map { $0.decimal(2) } + [ratio]
    }
}
