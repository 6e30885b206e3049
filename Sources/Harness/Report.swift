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
        ([violations.isEmpty ? "Every invariant held." : "\(violations.count) invariants were broken."]
            + violations.prefix(20).map(\.description) + outcome.troubles).joined(separator: "\n")
    }

    /// Writes the history and the reports into a directory.
    func write(to directory: String) throws {
        let url = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try Data(outcome.history.json()).write(to: url.appendingPathComponent("history.json"))
    }

    /// Where a failing run is kept when no directory is named.
    static func directoryForFailures(_ seed: UInt64) -> String {
        "whereabouts-harness-\(seed)"
    }
}
