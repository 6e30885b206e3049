import EtcdLab
import Foundation
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
        try document.replaceFigures(by: [.serial: [section("1.5")]])
        try document.replaceFigures(by: [.serial: [section("22.75")]])
        let expected = """
            before
            \(begin)

            <!-- serial -->

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

    @Test func otherFiguresStayAndAllAreInOrder() throws {
        var whole = Document(text: "\(begin)\n\(end)\n")
        try whole.replaceFigures(by: [.machine: [section("1")], .fill: [section("2")], .profile: [section("3")]])
        var document = Document(text: "\(begin)\n\(end)\n")
        try document.replaceFigures(by: [.profile: [section("3")], .fill: [section("4"), section("5")]])
        try document.replaceFigures(by: [.machine: [section("1")]])
        try document.replaceFigures(by: [.fill: [section("2")]])
        #expect(document.text == whole.text)
    }

    @Test func theDocumentHasMarksForItsFigures() throws {
        let file = Checkout.root.appendingPathComponent("docs/benchmarks.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        var document = Document(text: text)
        try document.replaceFigures(by: [:])
        #expect(document.text == text)
    }

    @Test func aDocumentWithoutMarksIsRefused() {
        var document = Document(text: "before\n\(end)\n\(begin)\n")
        #expect(throws: Document.MarksMissing.self) { try document.replaceFigures(by: [:]) }
        #expect(document.text == "before\n\(end)\n\(begin)\n")
    }
}
