/// Rows of text as a table of a Markdown document.
struct MarkdownTable {
    private var rows: [[String]]

    /// Starts a table with the columns' names.
    ///
    /// The first column is aligned on the left, those of figures on the right.
    init(_ header: [String]) {
        rows = [header]
    }

    /// Adds a row of as many cells as the header has.
    mutating func append(_ row: [String]) {
        rows.append(row)
    }

    /// The table, a line for each row.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        func line(_ row: [String]) -> String {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        let rule = widths.enumerated().map { column, width in
            column == 0 ? String(repeating: "-", count: width + 2) : String(repeating: "-", count: width + 1) + ":"
        }
        return ([line(rows[0]), "|" + rule.joined(separator: "|") + "|"] + rows.dropFirst().map(line))
            .joined(separator: "\n")
    }
}
