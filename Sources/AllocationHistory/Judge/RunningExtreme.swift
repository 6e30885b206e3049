internal import Algorithms

/// Of calls that are added in an order of their starts, the lowest or highest of some moment in each among the first few.
struct RunningExtreme {
    private let extreme: @Sendable (Int64, Int64) -> Int64
    private var entries: [(start: Int64, value: Int64)] = []

    private init(_ extreme: @escaping @Sendable (Int64, Int64) -> Int64) {
        self.extreme = extreme
    }

    /// The lowest moments, of no call yet.
    static var lowest: RunningExtreme { RunningExtreme { min($0, $1) } }

    /// The highest moments, of no call yet.
    static var highest: RunningExtreme { RunningExtreme { max($0, $1) } }

    /// Adds a call; the starts go one way, up or down.
    mutating func append(start: Int64, moment: Int64) {
        entries.append((start, entries.last.map { extreme($0.value, moment) } ?? moment))
    }

    /// Returns the extreme of the first calls, up to one whose start is not as wanted; nil if the very first is not.
    func value(whereStart isWanted: (Int64) -> Bool) -> Int64? {
        entries[..<entries.partitioningIndex { !isWanted($0.start) }].last?.value
    }
}
