internal import Foundation

/// The password that tests give the plugin, so that one search finds it wherever it shows up.
///
/// Every program that a test starts is searched for it, and script/test searches what the tests themselves print.
public enum PlantedPassword {
    /// The password.
    public static let text = "hunter2"

    /// Searches what a program printed, and the log file that its configuration names.
    ///
    /// - Throws: `LeakedPassword` when it is there.
    static func search(_ outcome: RunningProcess.Outcome, input: Data) throws {
        for text in [outcome.output, outcome.errors] where text.contains(Self.text) {
            throw LeakedPassword(place: "what was printed", contents: text)
        }
        let configuration = String(decoding: input, as: UTF8.self)
        for match in configuration.matches(of: /"log_file" *: *"([^"]+)"/) {
            let path = String(match.1)
            let log = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard !log.contains(text) else { throw LeakedPassword(place: path, contents: log) }
        }
    }
}

/// A program's output or log with the planted password in it.
public struct LeakedPassword: Error, CustomStringConvertible {
    let place: String
    let contents: String

    /// Where, and all that stands there.
    public var description: String { "the password shows in \(place): \(contents)" }
}
