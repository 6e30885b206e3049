internal import ArgumentParser
package import Logging

/// What a program logs, on stderr.
package struct LogOptions: ParsableArguments {
    @Option(help: "The least severe level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    /// Makes the options, which the parser fills.
    package init() {}

    /// Refuses what can't be.
    package func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError(
                "--log-level \(logLevel) must be trace, debug, info, notice, warning, error or critical"
            )
        }
    }

    /// The log of a program.
    package func logger(_ program: String) -> Logger {
        var logger = Logger(label: program, factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }
}
