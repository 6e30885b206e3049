internal import Foundation

/// A program that did not end with status 0, or could not be started.
struct InvocationFailure: Error, CustomStringConvertible {
    let description: String
    /// What the program printed.
    let output: String

    /// Describes how a program ended, with what it printed.
    init(_ invocation: Invocation, _ end: String) {
        let call = ["CNI_COMMAND", "CNI_CONTAINERID", "CNI_IFNAME"].compactMap { invocation.environment[$0] }
        let output = (try? String(contentsOfFile: invocation.output, encoding: .utf8)) ?? ""
        let command = ([invocation.executable] + invocation.arguments + call).joined(separator: " ")
        self.output = output.trimmingCharacters(in: .whitespacesAndNewlines)
        description = "\(command) \(end): \(self.output)"
    }
}
