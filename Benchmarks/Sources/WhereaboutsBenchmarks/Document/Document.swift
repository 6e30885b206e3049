internal import Foundation

/// The document of the benchmarks: what is written by hand, and the figures between two marks.
struct Document {
    /// A document whose marks are missing.
    struct MarksMissing: Error, CustomStringConvertible {
        let description = "the document has no line `\(begin)` with a line `\(end)` below it"
    }

    private static let begin = "<!-- The figures begin here: Benchmarks/run writes them. -->"
    private static let end = "<!-- The figures end here. -->"

    /// The whole text.
    private(set) var text: String

    /// Puts sections in the place of those that the document has.
    ///
    /// - Throws: `MarksMissing`.
    mutating func replaceFigures(by sections: [Section]) throws(MarksMissing) {
        guard let begin = text.range(of: Self.begin + "\n"),
            let end = text.range(of: Self.end, range: begin.upperBound..<text.endIndex)
        else { throw MarksMissing() }
        let figures = sections.map(\.markdown).joined(separator: "\n\n")
        text.replaceSubrange(begin.upperBound..<end.lowerBound, with: "\n\(figures)\n\n")
    }
}
