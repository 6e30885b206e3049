import Testing

@testable import Reconciliation

/// The next run of a daemon, whose clock may be set, and what it tells of a file that is wrong for a while.
@Suite struct NextRunTests {
    /// 2026-11-27T00:00:00Z.
    private static let midnight: Int64 = 1_795_737_600

    private func next(after moment: Int64) throws -> NextRun {
        NextRun(try CronExpression("30 4 * * *"), after: moment)
    }

    @Test func aRunIsDueAtItsTime() throws {
        var next = try next(after: Self.midnight)
        let time = Self.midnight + 4 * 3600 + 30 * 60
        #expect(next.time == time)
        let moves = [time - 1, time].map { next.isMoved(at: $0) }
        #expect(moves == [false, false])
        // A clock that was set forward has the run come now.
        let due = [time - 1, time, time + 1_000_000].map { next.isDue(at: $0) }
        #expect(due == [false, true, true])
    }

    @Test func aClockThatIsSetBackStopsNothing() throws {
        let year: Int64 = 365 * 86_400
        var next = try next(after: Self.midnight + year)
        // A second back moves nothing, and nothing moves twice.
        let moves = [0, 10, 9].map { next.isMoved(at: Self.midnight + $0) }
        #expect(moves == [true, false, false])
        #expect(next.time == Self.midnight + 4 * 3600 + 30 * 60)
        let isDue = next.isDue(at: Self.midnight + 5 * 3600)
        #expect(isDue)
    }

    @Test func aFlawIsToldOnce() {
        var flaw = RecurringFlaw()
        // The first one is of a file that is being written.
        let looks = [nil, "part", nil, "a", "a", "a", "b", "b", "b", nil, nil, "b", "b"]
        let news = looks.map { flaw.look($0) }
        #expect(
            news == [nil, nil, nil, nil, .flaw("a"), nil, nil, .flaw("b"), nil, .over, nil, nil, .flaw("b")]
        )
    }
}
