/// The time in the header Date (RFC 9110 section 5.6.7).
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads the preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    static func secondsSince1970(_ text: String) -> Int64? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == ":" })
        guard parts.count == 8, parts[7] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            let day = Int64(parts[1]), let year = Int64(parts[3]), let hour = Int64(parts[4]),
            let minute = Int64(parts[5]), let second = Int64(parts[6]), 1970...9999 ~= year, 1...31 ~= day,
            0..<24 ~= hour, 0..<60 ~= minute, 0...60 ~= second
        else { return nil }
        // Days since 1970-03-01 by the civil calendar, whose years begin in March so that leap days come last.
        let shifted = (year: month < 2 ? year - 1 : year, month: Int64((month + 10) % 12))
        let days = shifted.year * 365 + shifted.year / 4 - shifted.year / 100 + shifted.year / 400
        let daysInYear = (shifted.month * 153 + 2) / 5 + day - 1
        return (days + daysInYear - 719_468) * 86_400 + hour * 3600 + minute * 60 + second
    }
}
