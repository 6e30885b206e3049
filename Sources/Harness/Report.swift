internal import AllocationHistory
internal import Foundation

/// What a run is reported as: a text, and files.
struct Report {
    private let outcome: Run.Outcome
    private let plan: RunPlan
    private let violations: [Violation]

    init(_ outcome: Run.Outcome, _ plan: RunPlan) {
        self.outcome = outcome
        self.plan = plan
        let delaysReleases = plan.faults.contains { !$0.isOfPlugin }
        // A DEL that does not reach etcd leaves its release to the node's journal.
        violations = Judge(expectedErrors: [50], releaseDelay: delaysReleases ? .max : 0).violations(
            in: outcome.history
        )
    }

    /// Whether every invariant held, and the run could judge all of them.
    var isGood: Bool { violations.isEmpty && outcome.troubles.isEmpty }

    /// The report for a terminal.
    var text: String {
        ([summary.text()] + outcome.troubles + outcome.remarks).joined(separator: "\n")
    }

    /// The figures of the report.
    var summary: RunSummary {
        RunSummary(of: outcome.history, violations: violations)
    }

    /// Writes the history and the reports into a directory.
    func write(to directory: String) throws {
        let url = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let summary = summary
        let page = summary.html(replayCommand: "whereabouts-harness replay history.json")
        for (name, bytes) in [
            ("history.json", outcome.history.json()), ("report.json", summary.json()),
            ("report.html", [UInt8](page.utf8)),
        ] {
            try Data(bytes).write(to: url.appendingPathComponent(name))
        }
    }

    /// Where a failing run is kept when no directory is named.
    static func directoryForFailures(_ seed: String) -> String {
        "whereabouts-harness-\(seed)"
    }
}
