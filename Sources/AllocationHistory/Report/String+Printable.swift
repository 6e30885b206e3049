extension String {
    /// The text as one line without what a terminal would take for a command: line feeds and tabs are blanks, none at the end, and
    /// any other control character is shown by a sign.
    var printable: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": scalars.append(" ")
            default: scalars.append(scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar)
            }
        }
        while scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }
}
