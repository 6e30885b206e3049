internal import AllocationHistory
internal import Foundation

/// A contest of programs, of which each runs alone.
struct ProcessContest {
    private let standings: Standings<ProcessUsage>
    /// The peak of each program's memory, in bytes.
    private let memory: [Double]

    /// Runs programs in turn.
    ///
    /// - Parameters:
    ///   - calls: The programs; the first is the reference of the table's ratios.
    ///   - scale: How often they run.
    ///   - report: A file for a moment's use.
    /// - Throws: `InvocationFailure`.
    init(_ calls: [TimedCall], _ scale: Scale, report: String) throws {
        let contest = Contest(subjects: calls.map(\.subject))
        standings = try contest.run(rounds: scale.rounds, before: scale.roundsBefore)
        memory = try calls.map { call in
            try (0..<min(5, scale.rounds)).map { _ in try Self.memory(call, report) }.median
        }
    }

    /// The peak of a program's memory in bytes, by GNU time.
    ///
    /// The kernel's figure for a child of ours would begin with our own memory, in which it lives until it becomes the program.
    private static func memory(_ call: TimedCall, _ report: String) throws -> Double {
        try call.prepare()
        let timed = call.call.started(by: "/usr/bin/time", ["--quiet", "--format=%M", "--output=\(report)"])
        _ = try ChildProcess.run(timed)
        let text = try String(contentsOfFile: report, encoding: .utf8)
        return (Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan) * 1024
    }

    /// The median of the ratios of a program's time to another one's.
    func ratio(_ index: Int, to reference: Int = 0) -> Double {
        standings.ratio(index, to: reference) { $0.elapsed.milliseconds }
    }

    /// A row for each program; the heading is that of their names.
    func table(_ heading: String) -> MarkdownTable {
        var table = MarkdownTable([heading, "ms", "ratio", "CPU ms", "memory MB"])
        for (index, name) in standings.names.enumerated() {
            table.append([
                name,
                standings.median(index) { $0.elapsed.milliseconds }.decimal(2),
                ratio(index).decimal(2),
                standings.median(index) { $0.processorTime.milliseconds }.decimal(2),
                (memory[index] / 1e6).decimal(1),
            ])
        }
        return table
    }
}
