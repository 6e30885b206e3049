internal import AllocationHistory
internal import ArgumentParser
internal import Foundation

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs again what a history was made by, or judges it again.",
        discussion: """
            The same seed makes the same choices; how calls meet in time is up to the machine. So a fault may need several replays to show \
            again, which --times makes.
            """
    )

    @Argument(help: "A history.json that a run has written.") var history: String
    @Flag(help: "Judge the history as it stands, and run nothing.") var judgeOnly = false
    @Option(help: "How often to run, until a run fails.") var times = 1
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard times > 0 else { throw ValidationError("--times \(times): give 1 or more") }
        guard !judgeOnly || output.output == nil else {
            throw ValidationError("--output is for a run; --judge-only writes nothing")
        }
    }

    func run() async throws {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: history)))
        } catch {
            throw ValidationError("\(history) can't be read: \(error.localizedDescription)")
        }
        let recorded: History
        do {
            recorded = try History(json: bytes)
        } catch {
            throw ValidationError("\(history) is no history of this harness: \(error)")
        }
        guard let plan = RunPlan(parameters: recorded.plan) else {
            throw ValidationError(
                "\(history) holds no plan of this release of the harness; only --judge-only can be done with it"
            )
        }
        guard !judgeOnly else {
            let report = Report(Run.Outcome(history: recorded), plan)
            print(report.text)
            guard report.isGood else { throw ExitCode.failure }
            return
        }
        for _ in 0..<times {
            try await execute(plan, output)
        }
    }
}
