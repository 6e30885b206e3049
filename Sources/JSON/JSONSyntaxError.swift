/// A text that is not JSON.
///
/// The error tells what is wrong and where, but never what stands there, which may be a password.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as a lower-case phrase without input: "string is not closed".
    public let reason: String

    /// The line of the fault, from 1.
    public let line: Int

    /// The byte within the line, from 1.
    public let column: Int

    /// The place and the reason.
    public var description: String {
        "line \(line), column \(column): \(reason)"
    }
}

extension JSONSyntaxError {
    /// Makes the error of a fault at an index of the input, or at its end.
    init(_ reason: String, at index: Int, in bytes: [UInt8]) {
        let lines = bytes.prefix(index).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        self.init(reason: reason, line: lines.count, column: (lines.last?.count ?? 0) + 1)
    }
}
