/// How many operations took how long.
struct LatencyHistogram: Sendable {
    /// The upper bounds in seconds.
    static let bounds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]

    /// The number of operations up to each bound, those of the bounds below not among them.
    private(set) var counts = Array(repeating: Int64(0), count: bounds.count)
    /// The number of all operations.
    private(set) var count: Int64 = 0
    /// The seconds of all operations.
    private(set) var sum = 0.0

    /// Takes an operation in.
    mutating func observe(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        count += 1
        sum += seconds
        if let index = Self.bounds.firstIndex(where: { seconds <= $0 }) { counts[index] += 1 }
    }
}
