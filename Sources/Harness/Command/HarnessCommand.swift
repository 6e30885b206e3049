public import ArgumentParser
internal import Whereabouts

/// `whereabouts-harness`.
public struct HarnessCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "whereabouts-harness",
        abstract: "Simulates a cluster's load on the plugin, breaks its etcd, and proves that nothing is lost.",
        discussion: """
            Without a command it runs: it starts an etcd of its own, has pods come and go on simulated nodes through the real plugin, \
            kills some of its processes, and judges what every call was told and what the store holds. The exit status is 0 when every \
            invariant held, 1 when one was broken, and 2 when the run could not be made.
            """,
        version: About.title(of: "whereabouts-harness"),
        subcommands: [RunCommand.self, VerifyCommand.self, ReplayCommand.self, CompareCommand.self],
        defaultSubcommand: RunCommand.self
    )

    /// Makes the command, whose options the parser fills.
    public init() {}
}
