internal import AllocationHistory
internal import ArgumentParser
internal import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Puts load on the plugin, with faults, and judges what came of it."
    )

    @OptionGroup var options: PlanOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await execute(try options.plan(), output)
    }
}

/// Where reports go.
struct OutputOptions: ParsableArguments {
    @Option(
        help: """
            A directory for history.json, report.json and report.html; made when it is missing. (default: none, and for a run that fails \
            \(Report.directoryForFailures("SEED")))
            """
    )
    var output: String?

    /// Makes the directory, before a run that could not be written down.
    func check() throws {
        guard let output else { return }
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch {
            throw ValidationError(
                "--output \(output): the directory can't be made; name one that can, or that is there"
            )
        }
    }
}

/// Runs a plan, reports, and ends the program with what the verdict says.
func execute(_ plan: RunPlan, _ output: OutputOptions) async throws {
    try output.check()
    let outcome: Run.Outcome
    do {
        outcome = try await Run(plan).execute()
    } catch {
        print("the run could not be made: \(error)")
        throw ExitCode(2)
    }
    let report = Report(outcome, plan)
    print(report.text)
    if let directory = output.output ?? (report.isGood ? nil : Report.directoryForFailures("\(plan.seed)")) {
        try report.write(to: directory)
        print("Written to \(directory): history.json, report.json, report.html")
    }
    if let signal = EarlyEnd.requested { throw ExitCode(128 + signal) }
    guard report.isGood else { throw ExitCode.failure }
}
