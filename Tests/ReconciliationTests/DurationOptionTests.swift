import Reconciliation
import Testing

/// Times as people write them.
@Suite struct DurationOptionTests {
    @Test(arguments: [
        ("0", 0), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1h0m5s", 3605), ("2d", 172_800), ("0s", 0),
    ])
    func aTimeIsRead(text: String, seconds: Int64) {
        #expect(DurationOption(argument: text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "10", "m", "10x", "-5m", "1m1h", "1m1m", "1.5h", "10 m", "5m3", "99999999999999999999s", "9999999h", "١m",
    ])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(DurationOption(argument: text) == nil)
    }
}
