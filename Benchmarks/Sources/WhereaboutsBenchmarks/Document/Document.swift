internal import Foundation

/// The document of the benchmarks: what is written by hand, and the figures between two marks, behind a mark for each part.
struct Document {
    /// A document whose marks are missing.
    struct MarksMissing: Error, CustomStringConvertible {
        let description = "the document has no line `\(begin)` with a line `\(end)` below it"
    }

    private static let begin = "<!-- The figures begin here: Benchmarks/run writes them. -->"
    private static let end = "<!-- The figures end here. -->"

    /// The whole text.
    private(set) var text: String

    private static func mark(_ name: SectionName) -> String { "<!-- \(name.rawValue) -->" }

    /// Puts what was measured in the place of what the document has of the same names, and leaves the rest.
    ///
    /// - Throws: `MarksMissing`.
    mutating func replaceFigures(by parts: [SectionName: [Section]]) throws(MarksMissing) {
        guard let begin = text.range(of: Self.begin + "\n"),
            let end = text.range(of: Self.end, range: begin.upperBound..<text.endIndex)
        else { throw MarksMissing() }
        var figures = self.figures(in: text[begin.upperBound..<end.lowerBound])
        for (name, sections) in parts {
            figures[name] = sections.map(\.markdown).joined(separator: "\n\n")
        }
        let texts = SectionName.allCases.compactMap { name in figures[name].map { "\(Self.mark(name))\n\n\($0)\n\n" } }
        text.replaceSubrange(begin.upperBound..<end.lowerBound, with: "\n" + texts.joined())
    }

    /// The figures that stand behind the marks of a text.
    private func figures(in text: Substring) -> [SectionName: String] {
        var figures: [SectionName: String] = [:]
        var current: SectionName?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let name = SectionName.allCases.first(where: { Self.mark($0) == line }) {
                current = name
                figures[name] = ""
            } else if let current {
                figures[current]? += line + "\n"
            }
        }
        return figures.mapValues { $0.trimmingCharacters(in: .newlines) }
    }
}
