/// Text inside of HTML that is well-formed XML as well.
enum Markup {
    /// Returns a text such that it stands for itself in elements and in quoted attributes.
    ///
    /// What XML 1.0 cannot hold at all, as most control characters, becomes the replacement character.
    static func escape(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "\t", "\n": escaped.append(scalar)
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}": escaped.append("\u{fffd}")
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// Returns a table with a head; the cells are escaped here.
    ///
    /// - Parameters:
    ///   - head: The columns' names.
    ///   - numbers: The columns to align on the right.
    ///   - rows: The cells.
    /// - Returns: The table, in a box of its own that scrolls sideways.
    static func table(_ head: [String], numbers: Set<Int> = [], rows: [[String]]) -> String {
        func cells(_ name: String, _ texts: [String]) -> String {
            texts.enumerated().map { column, text in
                "<\(name)\(numbers.contains(column) ? #" class="number""# : "")>\(escape(text))</\(name)>"
            }.joined()
        }
        let body = rows.map { "<tr>" + cells("td", $0) + "</tr>" }.joined(separator: "\n")
        return "<div class=\"scroll\"><table><thead><tr>" + cells("th", head) + "</tr></thead><tbody>\n" + body
            + "\n</tbody></table></div>"
    }
}
