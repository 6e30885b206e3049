extension RunSummary {
    /// The figures as one page of HTML that needs nothing beside itself, and is well-formed XML as well.
    ///
    /// - Parameters:
    ///   - replayCommand: What to type to run the same again.
    ///   - violationsPerRule: How many violations of each rule are listed; the others are counted.
    /// - Returns: The page.
    public func html(replayCommand: String, violationsPerRule: Int = 200) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>\(Markup.escape(verdict))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <h1 class="\(violations.isEmpty ? "kept" : "broken")">\(Markup.escape(verdict))</h1>
        \(keyFigures)
        \(chartSection)
        \(violationSection(perRule: violationsPerRule))
        \(checkSection)
        \(verbSection)
        \(faultSection)
        <h2>Again</h2>
        <pre>\(Markup.escape(replayCommand))</pre>
        \(Markup.table(["parameter", "value"], rows: [["seed", "\(seed)"]] + plan.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }))
        </body>
        </html>

        """
    }

    private var keyFigures: String {
        let add = verbs.first { $0.verb == .add }?.latency
        let figures = [
            ("\(calls)", "calls"), ("\(acknowledged)", "acknowledged"),
            ("\(failed)", "failed"), ("\(killed)", "killed"),
            ("\((duration / 1000).decimal(1)) s", "duration"), (throughput.figure, "acknowledged a second"),
            (add.map { "\($0.p50.figure) ms" } ?? "-", "ADD, p50"),
            (add.map { "\($0.p99.figure) ms" } ?? "-", "ADD, p99"), ("\(retried)", "retried"),
            ("\(faults.count)", "fault periods"), ("\(violations.count)", "violations"),
        ]
        return "<dl>\n"
            + figures.map { "<div><dd>\($0.0)</dd><dt>\($0.1)</dt></div>" }.joined(separator: "\n")
            + "\n</dl>"
    }

    private var chartSection: String {
        calls == 0 ? "<p>No plugin was called.</p>" : "<div class=\"scroll\">\n\(RunChart(self).svg)\n</div>"
    }

    private func violationSection(perRule limit: Int) -> String {
        guard !violations.isEmpty else { return "<h2>Violations</h2>\n<p>None.</p>" }
        let groups = violations.byRule.map { rule, findings in
            let rows = findings.prefix(limit).map {
                [$0.calls.map(String.init).joined(separator: ", "), $0.description]
            }
            let rest = findings.count > limit ? "\n<p>And \(findings.count - limit) more.</p>" : ""
            return "<h3>\(rule.rawValue): \(findings.count.counting("violation"))</h3>\n"
                + Markup.table(["calls", "evidence"], rows: rows) + rest
        }
        return "<h2>Violations</h2>\n" + groups.joined(separator: "\n")
    }

    private var checkSection: String {
        "<h2>Checked</h2>\n" + Markup.table(Check.columns, numbers: [1], rows: checks.map(\.cells))
    }

    private var verbSection: String {
        guard !verbs.isEmpty else { return "" }
        let rows = verbs.map { verb in
            [verb.verb.rawValue, "\(verb.calls)", "\(verb.acknowledged)"]
                + [verb.latency?.p50, verb.latency?.p90, verb.latency?.p99, verb.latency?.maximum].map {
                    $0?.figure ?? "-"
                }
        }
        let calls = Markup.table(
            ["verb", "calls", "acknowledged", "p50 ms", "p90 ms", "p99 ms", "max ms"],
            numbers: [1, 2, 3, 4, 5, 6],
            rows: rows
        )
        guard !failures.isEmpty else { return "<h2>Calls</h2>\n" + calls }
        let failed = Markup.table(
            ["verb", "failure", "calls"],
            numbers: [2],
            rows: failures.map { [$0.verb.rawValue, $0.kind, "\($0.calls)"] }
        )
        return "<h2>Calls</h2>\n\(calls)\n<h2>Failures</h2>\n\(failed)"
    }

    private var faultSection: String {
        guard !faults.isEmpty else { return "" }
        let rows = zip(1..., faults).map { number, fault in
            ["\(number)", fault.kind, fault.target, fault.start.seconds, fault.end?.seconds ?? "end"]
        }
        return "<h2>Faults</h2>\n"
            + Markup.table(["", "fault", "target", "from", "to"], numbers: [0, 3, 4], rows: rows)
    }
}
