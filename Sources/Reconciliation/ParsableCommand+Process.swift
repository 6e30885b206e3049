package import ArgumentParser
internal import Glibc
internal import Whereabouts

extension ParsableCommand {
    /// Runs the program with the process's arguments, and ends it with its status.
    ///
    /// - Parameter ownStatus: The status of an error of the program's own, which is told behind its name; nil for one of the parser's.
    package static func runProcess(_ ownStatus: (any Error) -> Int32?) -> Never {
        do {
            var command = try parseAsRoot()
            try command.run()
            _exit(0)
        } catch {
            if let status = ownStatus(error) {
                StandardStreams.say("\(configuration.commandName ?? ""): \(error)\n", isError: true)
                _exit(status)
            }
            let status = exitCode(for: error)
            let text = fullMessage(for: error)
            if !text.isEmpty { StandardStreams.say(text + "\n", isError: !status.isSuccess) }
            // Arguments that can't be used have another number in these programs than in the parser.
            _exit(status == .validationFailure ? 2 : status.rawValue)
        }
    }
}
