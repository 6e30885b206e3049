/// When a schedule is due next, by a clock that may be set.
struct NextRun {
    /// The schedule.
    let schedule: CronExpression
    /// The time in seconds since 1970; nil where there is none any more.
    private(set) var time: Int64?
    /// The time that was seen last.
    private var seen: Int64

    /// Begins at a moment, whose own time of the schedule is over.
    init(_ schedule: CronExpression, after moment: Int64) {
        self.schedule = schedule
        time = schedule.next(after: moment)
        seen = moment
    }

    /// Takes note of the time, and returns whether it is another time that is the next one now.
    ///
    /// A clock that was set back would have all the schedule's times up to the old one pass.
    mutating func isMoved(at now: Int64) -> Bool {
        defer { seen = now }
        guard now < seen else { return false }
        let next = schedule.next(after: now)
        guard next != time else { return false }
        time = next
        return true
    }

    /// Whether the time has come.
    func isDue(at now: Int64) -> Bool {
        time.map { now >= $0 } ?? false
    }
}
