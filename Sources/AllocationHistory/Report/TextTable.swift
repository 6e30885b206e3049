/// Rows of text with aligned columns.
package struct TextTable {
    private var rows: [[String]]
    private let leading: Set<Int>

    /// Starts a table with the columns' names.
    ///
    /// - Parameters:
    ///   - header: The names.
    ///   - leading: The columns to align on the left; numbers are aligned on the right.
    package init(_ header: [String], leading: Set<Int>) {
        rows = [header]
        self.leading = leading
    }

    /// Adds a row of as many cells as the header has.
    package mutating func append(_ row: [String]) {
        rows.append(row)
    }

    /// The lines, without blanks at their ends.
    package var lines: [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (leading.contains(column) ? cell + padding : padding + cell)
            }
            while line.last == " " {
                line.removeLast()
            }
            return line
        }
    }
}
