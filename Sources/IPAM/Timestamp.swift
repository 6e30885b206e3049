/// A moment in UTC to the second, as records and logs show it.
public enum Timestamp {
    /// The text of RFC 3339 for seconds since 1970-01-01T00:00:00Z.
    ///
    /// Written here because Foundation's formatter reads the host's time zone first, and this program takes nothing from its
    /// host. The calendar rule is Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last.
    public static func text(secondsSince1970 seconds: Int64) -> String {
        let day = seconds.quotientRoundedDown(by: 86_400)
        let second = seconds - day * 86_400
        let shifted = day + 719_468
        let era = shifted.quotientRoundedDown(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(dayOfMonth, 2))"
            + "T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))Z"
    }

    /// Whether a text has the form of the above, whose order as texts is that of time.
    public static func isText(_ text: String) -> Bool {
        let form = Array("0000-00-00T00:00:00Z".utf8)
        let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return text.utf8.count == form.count
            && zip(text.utf8, form).allSatisfy { isDigit($1) ? isDigit($0) : $0 == $1 }
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
