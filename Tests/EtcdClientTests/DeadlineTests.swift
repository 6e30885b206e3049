import EtcdClient
import Testing

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

    @Test func anAdvancedDeadlineIsLater() {
        let deadline = Deadline.after(.seconds(1))
        #expect(deadline.advanced(by: .milliseconds(1)) > deadline)
        #expect(deadline.advanced(by: .seconds(2)).duration(since: deadline) == .seconds(2))
    }
}
