import IPAM
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"), (1_795_536_897, "2026-11-24T16:14:57Z"), (-1, "1969-12-31T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ])
    func textIsRFC3339InUTC(seconds: Int64, text: String) {
        #expect(Timestamp.text(secondsSince1970: seconds) == text)
        #expect(Timestamp.secondsSince1970(text) == seconds)
    }

    @Test func everyDayIsReadBack() {
        // From the year 0 to the year 4160.
        let wrong = (Int64(-719_528)..<800_000).filter { day in
            let seconds = day * 86_400 + 86_399
            return Timestamp.secondsSince1970(Timestamp.text(secondsSince1970: seconds)) != seconds
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: [
        "", "now", "2026-11-24", "2026-11-24T16:14:57", "2026-11-24 16:14:57Z", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T16:14:57.5Z", "9223372036854775807-01-01T00:00:00Z",
    ])
    func anyOtherTextIsNoTime(text: String) {
        #expect(Timestamp.secondsSince1970(text) == nil)
    }
}
