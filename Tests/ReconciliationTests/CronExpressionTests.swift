import IPAM
import Reconciliation
import Testing

/// When a schedule comes round, and which texts are none.
@Suite struct CronExpressionTests {
    private func next(_ text: String, after time: String) throws -> String? {
        let seconds = try #require(Timestamp.secondsSince1970(time))
        return try CronExpression(text).next(after: seconds).map(Timestamp.text(secondsSince1970:))
    }

    @Test(arguments: [
        ("30 4 * * *", "2026-11-26T17:04:32Z", "2026-11-27T04:30:00Z"),
        ("30 4 * * *", "2026-11-26T04:29:59Z", "2026-11-26T04:30:00Z"),
        // The time itself has come round already.
        ("30 4 * * *", "2026-11-26T04:30:00Z", "2026-11-27T04:30:00Z"),
        ("* * * * *", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ("*/15 * * * *", "2026-11-26T17:45:00Z", "2026-11-26T18:00:00Z"),
        ("5/20 * * * *", "2026-11-26T17:05:00Z", "2026-11-26T17:25:00Z"),
        ("10-20/5 8 * * *", "2026-11-26T08:16:00Z", "2026-11-26T08:20:00Z"),
        ("0 0,12 * * *", "2026-11-26T01:00:00Z", "2026-11-26T12:00:00Z"),
        ("0 0 1 JAN *", "2026-11-26T17:04:32Z", "2027-01-01T00:00:00Z"),
        ("0 0 1 feb-apr *", "2026-11-26T17:04:32Z", "2027-02-01T00:00:00Z"),
        ("0 0 31 * *", "2026-11-26T17:04:32Z", "2026-12-31T00:00:00Z"),
        ("0 0 30 * *", "2027-01-31T00:00:00Z", "2027-03-30T00:00:00Z"),
        // 2026-11-26 is a Thursday.
        ("0 0 * * 0", "2026-11-26T17:04:32Z", "2026-11-29T00:00:00Z"),
        ("0 0 * * 7", "2026-11-26T17:04:32Z", "2026-11-29T00:00:00Z"),
        ("0 0 * * sun", "2026-11-26T17:04:32Z", "2026-11-29T00:00:00Z"),
        ("0 0 * * MON-FRI", "2026-11-27T17:04:32Z", "2026-11-30T00:00:00Z"),
        ("0 0 * * 5-7", "2026-11-29T17:04:32Z", "2026-12-04T00:00:00Z"),
        ("0 0 * * 1,3", "2026-11-30T17:04:32Z", "2026-12-02T00:00:00Z"),
        // Either day will do where both are restricted,
        ("0 0 13 * 5", "2026-11-26T17:04:32Z", "2026-11-27T00:00:00Z"),
        ("0 0 13 * 5", "2026-12-12T00:00:00Z", "2026-12-13T00:00:00Z"),
        // and both must where one begins with a star.
        ("0 0 */2 * 5", "2026-11-26T17:04:32Z", "2026-11-27T00:00:00Z"),
        ("0 0 */2 * 5", "2026-11-27T17:04:32Z", "2026-12-11T00:00:00Z"),
        ("0 0 ? * 5", "2026-11-26T17:04:32Z", "2026-11-27T00:00:00Z"),
        // Leap days, also over a century without one.
        ("0 0 29 2 *", "2026-11-26T17:04:32Z", "2028-02-29T00:00:00Z"),
        ("0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("0 0 29 2 *", "1999-03-01T00:00:00Z", "2000-02-29T00:00:00Z"),
        ("@daily", "2026-11-26T17:04:32Z", "2026-11-27T00:00:00Z"),
        ("@hourly", "2026-11-26T17:04:32Z", "2026-11-26T18:00:00Z"),
        ("@weekly", "2026-11-26T17:04:32Z", "2026-11-29T00:00:00Z"),
        ("@monthly", "2026-11-26T17:04:32Z", "2026-12-01T00:00:00Z"),
        ("@yearly", "2026-11-26T17:04:32Z", "2027-01-01T00:00:00Z"),
        ("  30\t4  * * * ", "2026-11-26T17:04:32Z", "2026-11-27T04:30:00Z"),
    ])
    func itComesRound(text: String, after: String, time: String) throws {
        #expect(try next(text, after: after) == time)
    }

    @Test(arguments: [
        ("", "has 0 fields"), ("30 4 * *", "has 4 fields"), ("0 30 4 * * *", "has 6 fields"),
        ("60 4 * * *", "minute \"60\"; write 0 to 59"), ("0 24 * * *", "hour \"24\"; write 0 to 23"),
        ("0 0 0 * *", "day of the month \"0\"; write 1 to 31"), ("0 0 32 * *", "day of the month"),
        ("0 0 * 13 *", "month \"13\"; write 1 to 12, or jan to dec"), ("0 0 * * 8", "day of the week"),
        ("0 0 * foo *", "or jan to dec"), ("*/0 * * * *", "step"), ("*/x * * * *", "step"), ("1/-2 * * * *", "step"),
        ("20-10 * * * *", "ends before it begins"), ("1, * * * *", "minute"), (", * * * *", "minute"),
        ("-1 * * * *", "minute"), ("+1 * * * *", "minute"), ("1-2-3 * * * *", "minute"), ("1.5 * * * *", "minute"),
        ("0 0 30 2 *", "a date that there never is"), ("0 0 31 4,6,9,11 *", "a date that there never is"),
        ("@reboot", "has 1 fields"), ("CRON_TZ=UTC 0 0 * * *", "has 6 fields"),
        ("99999999999999999999 * * * *", "minute"),
    ])
    func whatIsNoScheduleIsRefused(text: String, reason: String) {
        let error = #expect(throws: CronExpression.Flaw.self) { try CronExpression(text) }
        #expect(error?.description.contains(reason) ?? false, "\(error?.description ?? "")")
    }

    /// Beside the day of the week, 29 February may be forty years away (1900 was none).
    @Test func aLeapDayOnAStarredWeekdayIsFound() throws {
        #expect(try next("0 0 29 2 *", after: "2026-01-01T00:00:00Z") == "2028-02-29T00:00:00Z")
        #expect(try next("0 0 */28 2 1", after: "2026-01-01T00:00:00Z") != nil)
    }

    @Test func eachMinuteOfAYearIsThatOfTheFields() throws {
        // The 13th at noon, by a second way to it: from one to the next, there are twelve in a year.
        let schedule = try CronExpression("0 12 13 * *")
        var time = try #require(Timestamp.secondsSince1970("2026-01-01T00:00:00Z"))
        for month in 1...12 {
            time = try #require(schedule.next(after: time))
            let text = Timestamp.text(secondsSince1970: time)
            #expect(text == "2026-\(month < 10 ? "0" : "")\(month)-13T12:00:00Z")
        }
    }
}
