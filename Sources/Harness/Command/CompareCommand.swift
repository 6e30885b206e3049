internal import AllocationHistory
internal import ArgumentParser

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Puts the same load on two plugins in turn, and prints how they compare.",
        discussion: """
            Each round runs the one and then the other, and the next round the other way round, so that what else the machine does befalls both. \
            Medians over the rounds are compared. Nothing is broken unless --faults says so.
            """
    )

    @OptionGroup var options: PlanOptions
    @Option(help: "The other plugin.") var against: String
    @Option(help: "Its network configuration, unless it is one of ours. (default: made for ours)") var againstConf:
        String?
    @Option(help: "How often each of them runs.") var rounds = 3

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds \(rounds): give 1 or more") }
    }

    func run() async throws {
        var plan = try options.plan()
        if options.faults == nil { plan.faults = [] }
        // The same for both, one of which need not know how.
        plan.collectsGarbage = false
        var other = plan
        other.plugin = against
        other.configurationFile = againstConf
        var (ours, theirs): ([RunSummary], [RunSummary]) = ([], [])
        for round in 0..<rounds {
            let first = try await summary(round.isMultiple(of: 2) ? plan : other)
            let second = try await summary(round.isMultiple(of: 2) ? other : plan)
            ours.append(round.isMultiple(of: 2) ? first : second)
            theirs.append(round.isMultiple(of: 2) ? second : first)
        }
        print(Comparison(ours, theirs).text)
        guard (ours + theirs).allSatisfy(\.violations.isEmpty) else { throw ExitCode.failure }
    }

    private func summary(_ plan: RunPlan) async throws -> RunSummary {
        do {
            let summary = Report(try await Run(plan).execute(), plan).summary
            if let signal = EarlyEnd.requested { throw ExitCode(128 + signal) }
            return summary
        } catch let code as ExitCode {
            throw code
        } catch {
            print("the run could not be made: \(error)")
            throw ExitCode(2)
        }
    }
}
