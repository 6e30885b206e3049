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
    }
}
