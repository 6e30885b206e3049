/// How far the race of the targets for a connection has come.
struct Race {
    /// The targets in the order in which they start.
    let order: [Int]
    /// How many of them have started.
    var started = 1
    /// When the next one starts at the latest.
    var nextStart: Deadline
    let start = Deadline.now
    /// When the race is given up.
    let end: Deadline
}
