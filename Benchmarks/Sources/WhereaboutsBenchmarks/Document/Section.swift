/// A part of the document: what one measurement gave.
struct Section {
    /// The heading.
    let title: String
    /// With what sizes it was measured, in a sentence or two.
    var note = ""
    /// The figures.
    let table: MarkdownTable

    /// The section with a sentence behind its note.
    func noting(_ sentence: String) -> Section {
        Section(title: title, note: note.isEmpty ? sentence : "\(note) \(sentence)", table: table)
    }

    /// The section as Markdown.
    var markdown: String {
        ["### \(title)", note, table.text].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}
