import Testing

@testable import EtcdClient

@Suite struct DeadlineTests {
    @Test func deadlineInThePastHasPassed() {
        #expect(Deadline.after(.seconds(-1)).hasPassed)
        #expect(Deadline.after(.zero).hasPassed)
        #expect(!Deadline.after(.seconds(60)).hasPassed)
    }

    @Test func farDeadlinesStopAtTheEndsOfTheClock() {
        #expect(!Deadline.after(.seconds(Int64.max)).hasPassed)
        #expect(Deadline.after(.seconds(Int64.min)).hasPassed)
    }

    @Test(
        arguments: [
            (Duration.seconds(1), 2_000_000_000), (.milliseconds(-1), 999_000_000), (.nanoseconds(1), 1_000_000_001),
            (.nanoseconds(-1), 999_999_999), (.seconds(9_223_372_035), 9_223_372_036_000_000_000),
            (.seconds(9_223_372_036), .max), (.seconds(9_223_372_035) + .nanoseconds(854_775_808), .max),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), 0),
        ] as [(Duration, Int64)]
    )
    func deadlineIsAdvancedExactly(duration: Duration, nanoseconds: Int64) {
        #expect(Deadline(nanoseconds: 1_000_000_000).advanced(by: duration).nanoseconds == nanoseconds)
    }

    @Test func anAdvancedDeadlineIsLater() {
        let deadline = Deadline.after(.seconds(1))
        #expect(deadline.advanced(by: .milliseconds(1)) > deadline)
        #expect(deadline.advanced(by: .seconds(2)).duration(since: deadline) == .seconds(2))
    }

    @Test func timeRunsOut() {
        let deadline = Deadline.now
        #expect(deadline.hasPassed)
        #expect(deadline.remaining <= .zero)
        #expect(Deadline.now >= deadline)
        #expect(Deadline.after(.seconds(60)).remaining > .seconds(30))
    }

    @Test func farDeadlineIsFarAwayAndNoOverflow() {
        #expect(Deadline.after(.seconds(Int64.max)).remaining > .seconds(86_400 * 365))
        #expect(Deadline(nanoseconds: .max).duration(since: Deadline(nanoseconds: 0)) > .seconds(86_400 * 365))
    }
}
