import Testing

@testable import WhereaboutsBenchmarks

/// Figures come into the document between its marks, and what is written by hand stays.
@Suite struct DocumentTests {
    private let begin = "<!-- The figures begin here: Benchmarks/run writes them. -->"
    private let end = "<!-- The figures end here. -->"

    private func section(_ figure: String) -> Section {
        var table = MarkdownTable(["what", "ms"])
        table.append(["ADD", figure])
        return Section(title: "Time", note: "Measured.", table: table)
    }

    @Test func figuresReplaceOlderOnes() throws {
        var document = Document(text: "before\n\(begin)\n\(end)\nafter\n")
        try document.replaceFigures(by: [section("1.5")])
        try document.replaceFigures(by: [section("22.75")])
        let expected = """
            before
            \(begin)

            ### Time

            Measured.

            | what |    ms |
            |------|------:|
            | ADD  | 22.75 |

            \(end)
            after

            """
        #expect(document.text == expected)
    }

    @Test func aDocumentWithoutMarksIsRefused() {
        var document = Document(text: "before\n\(end)\n\(begin)\n")
        #expect(throws: Document.MarksMissing.self) { try document.replaceFigures(by: []) }
        #expect(document.text == "before\n\(end)\n\(begin)\n")
    }
}
