/// How long to wait before a stream is opened again: longer with each failure, and half of it by chance, so that many
/// clients do not come back together.
struct ReconnectPause {
    private static let shortest = Duration.milliseconds(20)
    private static let longest = Duration.seconds(2)

    private var pause = shortest

    /// The next pause: 20 ms at most at first, twice as much each time, 2 seconds in the end.
    mutating func next() -> Duration {
        defer { pause = min(pause * 2, Self.longest) }
        return pause * Double.random(in: 0.5...1)
    }
}
