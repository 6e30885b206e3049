public import Foundation

/// A program that was started, with all of its input given and its output collected when it is waited for.
public final class RunningProcess {
    /// What a program printed and how it ended.
    public struct Outcome: Sendable {
        /// Everything on stdout.
        public let output: String
        /// Everything on stderr.
        public let errors: String
        /// The exit status, or the signal's number for a program that a signal ended.
        public let status: Int32
        /// Whether a signal ended it.
        public let wasSignaled: Bool

        /// What it printed on stdout, if it ended with status 0; the command is for the error.
        func output(of command: [String]) throws -> String {
            guard status == 0, !wasSignaled else {
                throw CommandFailure(command: command.joined(separator: " "), outcome: self)
            }
            return output
        }
    }

    private let process = Process()
    private let outputFile: URL
    private let errorFile: URL
    private let input: Data
    private let secret: String?

    /// Starts a program.
    ///
    /// Its output goes to files, so that no pipe fills up however much it prints. A secret that is given to it may show up
    /// neither there nor in the log file that its input names as `log_file`.
    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String]? = nil,
        input: Data = Data(),
        secret: String? = nil
    ) throws {
        self.input = input
        self.secret = secret
        let directory = FileManager.default.temporaryDirectory
        let name = UUID().uuidString
        outputFile = directory.appendingPathComponent("out-\(name)")
        errorFile = directory.appendingPathComponent("err-\(name)")
        let inputFile = directory.appendingPathComponent("in-\(name)")
        try input.write(to: inputFile)
        defer { try? FileManager.default.removeItem(at: inputFile) }
        for file in [outputFile, errorFile] {
            try Data().write(to: file)
        }
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        if let environment {
            process.environment = environment
        }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try ProcessStart.exclusively { [process] in try process.run() }
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
        }
        for file in [outputFile, errorFile] {
            try? FileManager.default.removeItem(at: file)
        }
    }

    /// The program's process.
    public var processIdentifier: Int32 { process.processIdentifier }

    /// Sends a signal to the program, unless it has ended: its number may be another process's by then.
    public func signal(_ number: Int32) {
        guard process.isRunning else { return }
        kill(process.processIdentifier, number)
    }

    /// Waits for the program's end.
    ///
    /// - Throws: `LeakedSecret`, and when its output can't be read.
    @discardableResult
    public func wait() throws -> Outcome {
        process.waitUntilEnded()
        let outcome = Outcome(
            output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self),
            status: process.terminationStatus,
            wasSignaled: process.terminationReason == .uncaughtSignal
        )
        try searchForSecret(outcome)
        return outcome
    }

    private func searchForSecret(_ outcome: Outcome) throws {
        guard let secret else { return }
        var places = [("its output", outcome.output), ("its errors", outcome.errors)]
        for match in String(decoding: input, as: UTF8.self).matches(of: /"log_file" *: *"([^"]+)"/) {
            let log = FileManager.default.contents(atPath: String(match.1)) ?? Data()
            places.append((String(match.1), String(decoding: log, as: UTF8.self)))
        }
        for (place, text) in places where text.contains(secret) {
            throw LeakedSecret(place: place, text: text)
        }
    }

    /// Runs a program to its end.
    ///
    /// - Throws: `CommandFailure` when it does not end with status 0.
    @discardableResult
    public static func run(_ executable: String, _ arguments: String...) throws -> String {
        try run(executable, arguments)
    }

    /// Runs a program to its end.
    ///
    /// - Throws: `CommandFailure` when it does not end with status 0.
    @discardableResult
    public static func run(_ executable: String, _ arguments: [String]) throws -> String {
        let command = [executable] + arguments
        return try RunningProcess("/usr/bin/env", command).wait().output(of: command)
    }
}

/// A command of a test's fixture that failed.
public struct CommandFailure: Error, CustomStringConvertible {
    let command: String
    let outcome: RunningProcess.Outcome

    /// The command with what it printed.
    public var description: String {
        "\(command) ended with \(outcome.status): \(outcome.output)\(outcome.errors)"
    }
}

/// A secret that a program showed.
public struct LeakedSecret: Error, CustomStringConvertible {
    let place: String
    let text: String

    /// Where, and all that stands there.
    public var description: String { "the secret shows in \(place): \(text)" }
}
