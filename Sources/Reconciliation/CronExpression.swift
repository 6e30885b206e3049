internal import IPAM

/// A schedule of five fields, in UTC: minute, hour, day of the month, month, day of the week (crontab(5)).
///
/// Fields are `*`, numbers, names of months and days, ranges, steps and lists of them. Where both days are restricted, either
/// will do; a field that begins with `*` restricts nothing in this sense.
package struct CronExpression: Hashable, Sendable {
    /// A text that is no schedule, and why.
    package struct Flaw: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong and what would be right, as the rest of a sentence that begins with the text.
        package let description: String
    }

    /// One of the five fields.
    private struct Field {
        let name: String
        let values: ClosedRange<Int>
        var names: [String] = []

        static let all = [
            Field(name: "minute", values: 0...59),
            Field(name: "hour", values: 0...23),
            Field(name: "day of the month", values: 1...31),
            Field(
                name: "month",
                values: 1...12,
                names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            ),
            // 7 is Sunday too.
            Field(name: "day of the week", values: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
        ]
    }

    /// Words for whole schedules.
    private static let words = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    /// How many days are looked through for the next time: between two 29ths of February may lie eight years, and a certain day of the week
    /// recurs on one after 40 at most.
    private static let horizon: Int64 = 366 * 41

    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let daysOfMonth: Set<Int>
    private let months: Set<Int>
    private let daysOfWeek: Set<Int>
    /// Whether one of the days will do.
    private let isEitherDay: Bool

    /// Reads a schedule.
    ///
    /// - Throws: `Flaw`, also for a date that there never is.
    package init(_ text: String) throws(Flaw) {
        let parts = (Self.words[text.lowercased()] ?? text).split { $0 == " " || $0 == "\t" }
        guard parts.count == Field.all.count else {
            throw Flaw(
                description:
                    "has \(parts.count) fields; write five, minute hour day-of-month month day-of-week, such as 30 4 * * *"
            )
        }
        var sets: [Set<Int>] = []
        for (part, field) in zip(parts, Field.all) { sets.append(try Self.values(part, field)) }
        (minutes, hours, daysOfMonth, months) = (sets[0], sets[1], sets[2], sets[3])
        daysOfWeek = Set(sets[4].map { $0 % 7 })
        isEitherDay = !parts[2].hasPrefix("*") && !parts[4].hasPrefix("*") && parts[2] != "?" && parts[4] != "?"
        guard next(after: 0) != nil else {
            throw Flaw(description: "names a date that there never is; check the day against the months")
        }
    }

    /// The first time of the schedule behind a moment, both in seconds since 1970; nil where there is none within forty years.
    package func next(after moment: Int64) -> Int64? {
        let first = moment - moment.remainderOfFloor(by: 60) + 60
        let today = first - first.remainderOfFloor(by: 86_400)
        for day in 0..<Self.horizon {
            let midnight = today + day * 86_400
            guard matches(day: midnight) else { continue }
            for hour in hours.sorted() {
                for minute in minutes.sorted() {
                    let time = midnight + Int64(hour) * 3600 + Int64(minute) * 60
                    if time >= first { return time }
                }
            }
        }
        return nil
    }

    private func matches(day midnight: Int64) -> Bool {
        // yyyy-mm-ddT…
        let text = Timestamp.text(secondsSince1970: midnight)
        let parts = text.prefix { $0 != "T" }.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, months.contains(parts[1]) else { return false }
        // 1970-01-01 was a Thursday.
        let weekday = Int(((midnight - midnight.remainderOfFloor(by: 86_400)) / 86_400 + 4).remainderOfFloor(by: 7))
        let (isDay, isWeekday) = (daysOfMonth.contains(parts[2]), daysOfWeek.contains(weekday))
        return isEitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    /// The values of a field.
    private static func values(_ text: Substring, _ field: Field) throws(Flaw) -> Set<Int> {
        var values: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            values.formUnion(try stretch(item, field))
        }
        return values
    }

    /// The values of one item of a list: `*`, a value or a range, with a step behind it or without.
    private static func stretch(_ text: Substring, _ field: Field) throws(Flaw) -> Set<Int> {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if halves.count == 2 {
            guard let number = number(halves[1]), number > 0 else {
                throw flaw(text, field, "its step must be a number of 1 or more")
            }
            step = number
        }
        let range: ClosedRange<Int>
        if halves[0] == "*" || halves[0] == "?" {
            // 7 is 0 once more.
            range = field.values.lowerBound...(field.values == 0...7 ? 6 : field.values.upperBound)
        } else {
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let first = try value(ends[0], field, in: text)
            // A value with a step goes on to the end.
            let last =
                ends.count == 2
                ? try value(ends[1], field, in: text) : halves.count == 2 ? field.values.upperBound : first
            guard first <= last else { throw flaw(text, field, "its range ends before it begins") }
            range = first...last
        }
        return Set(stride(from: range.lowerBound, through: range.upperBound, by: step))
    }

    private static func value(_ text: Substring, _ field: Field, in item: Substring) throws(Flaw) -> Int {
        if let index = field.names.firstIndex(of: text.lowercased()) {
            return index + (field.values.lowerBound == 1 ? 1 : 0)
        }
        guard let value = number(text), field.values.contains(value) else {
            let names = field.names.isEmpty ? "" : ", or \(field.names[0]) to \(field.names[field.names.count - 1])"
            throw flaw(item, field, "write \(field.values.lowerBound) to \(field.values.upperBound)\(names)")
        }
        return value
    }

    /// A number of digits alone.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static func flaw(_ item: Substring, _ field: Field, _ remedy: String) -> Flaw {
        Flaw(description: "has the \(field.name) \(String(item).debugDescription); \(remedy)")
    }
}

extension Int64 {
    /// What is left by a division that rounds down, never negative.
    fileprivate func remainderOfFloor(by divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
