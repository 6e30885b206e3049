extension RunSummary {
    /// The figures as one page of HTML that needs nothing beside itself, and is well-formed XML as well.
    ///
    /// - Parameters:
    ///   - replayCommand: What to type to run the same again.
    ///   - violationLimit: How many violations are listed; the others are counted.
    /// - Returns: The page.
    public func html(replayCommand: String, violationLimit: Int = 1000) -> String {
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
        \(violationSection(limit: violationLimit))
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
            ("\((duration / 1000).decimal(1)) s", "duration"), (throughput.figure, "acknowledged a second"),
            (add.map { "\($0.p50.figure) ms" } ?? "-", "ADD, p50"),
            (add.map { "\($0.p99.figure) ms" } ?? "-", "ADD, p99"), ("\(retried)", "retried"),
            ("\(faults.count)", "faults"), ("\(violations.count)", "violations"),
        ]
        return "<dl>\n"
            + figures.map { "<div><dd>\($0.0)</dd><dt>\($0.1)</dt></div>" }.joined(separator: "\n")
            + "\n</dl>"
    }

    private var chartSection: String {
        calls == 0 ? "<p>No plugin was called.</p>" : "<div class=\"scroll\">\n\(RunChart(self).svg)\n</div>"
    }

    private func violationSection(limit: Int) -> String {
        guard !violations.isEmpty else { return "<h2>Violations</h2>\n<p>None.</p>" }
        let rows = violations.prefix(limit).map { finding in
            [finding.rule.rawValue, finding.calls.map(String.init).joined(separator: ", "), finding.description]
        }
        let rest = violations.count > limit ? "\n<p>And \(violations.count - limit) more.</p>" : ""
        return "<h2>Violations</h2>\n" + Markup.table(["rule", "calls", "evidence"], rows: rows) + rest
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
