extension RunSummary {
    /// The verdict in one sentence.
    public var verdict: String {
        "\(plugin): " + (violations.isEmpty ? "no rule was broken" : violations.count.counting("violation"))
    }

    /// The figures as a table for a terminal, which ends with a line feed.
    ///
    /// - Parameter violationsPerRule: How many violations of each rule are listed; the others are counted.
    /// - Returns: The text, in which control characters are shown by a sign.
    public func text(violationsPerRule: Int = 5) -> String {
        var lines = [
            verdict,
            "\(calls.counting("call")) in \((duration / 1000).decimal(1)) s: \(acknowledged) acknowledged, "
                + "\(throughput.figure) a second; \(failed) failed, \(killed) killed, \(retried) retried; "
                + "\(faults.count.counting("fault period")); seed \(seed)",
        ]
        if !verbs.isEmpty {
            var table = TextTable(
                ["verb", "calls", "acknowledged", "p50 ms", "p90 ms", "p99 ms", "max ms"],
                leading: [0]
            )
            for verb in verbs {
                let latency = verb.latency
                table.append(
                    [verb.verb.rawValue, "\(verb.calls)", "\(verb.acknowledged)"]
                        + [latency?.p50, latency?.p90, latency?.p99, latency?.maximum].map { $0?.figure ?? "-" }
                )
            }
            lines += [""] + table.lines
        }
        if !failures.isEmpty {
            var table = TextTable(["verb", "failure", "calls"], leading: [0, 1])
            for failure in failures {
                table.append([failure.verb.rawValue, failure.kind, "\(failure.calls)"])
            }
            lines += [""] + table.lines
        }
        if !faults.isEmpty {
            var table = TextTable(["fault", "target", "from", "to"], leading: [0, 1])
            for fault in faults {
                table.append([fault.kind, fault.target, fault.start.seconds, fault.end?.seconds ?? "end"])
            }
            lines += [""] + table.lines
        }
        var table = TextTable(Check.columns, leading: [0, 2])
        for check in checks {
            table.append(check.cells)
        }
        lines += [""] + table.lines
        if !violations.isEmpty {
            lines += [""] + violations.lines(perRule: violationsPerRule)
        }
        return lines.map(\.printable).joined(separator: "\n") + "\n"
    }
}
