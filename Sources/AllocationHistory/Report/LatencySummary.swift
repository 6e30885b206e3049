/// How long some calls took, in milliseconds, by nearest rank: each figure is a time that one of the calls took.
public struct LatencySummary: Codable, Sendable, Hashable {
    /// The time that half of the calls took at most.
    public let p50: Double
    /// The time that nine of ten calls took at most.
    public let p90: Double
    /// The time that 99 of 100 calls took at most.
    public let p99: Double
    /// The longest time.
    public let maximum: Double

    /// Sums up times in nanoseconds, or gives nil if there are none.
    package init?(nanoseconds: [Int64]) {
        let sorted = nanoseconds.sorted()
        guard let last = sorted.last else { return nil }
        func rank(_ percent: Int) -> Double {
            sorted[(sorted.count * percent + 99) / 100 - 1].milliseconds
        }
        p50 = rank(50)
        p90 = rank(90)
        p99 = rank(99)
        maximum = last.milliseconds
    }
}

extension Int64 {
    /// A number of nanoseconds as milliseconds.
    var milliseconds: Double {
        Double(self) / 1_000_000
    }
}
