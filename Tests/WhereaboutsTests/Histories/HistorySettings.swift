import Foundation

/// Where random histories begin and how long they are: WHEREABOUTS_SEED repeats one, WHEREABOUTS_STEPS makes it longer or shorter.
enum HistorySettings {
    /// The seeds to run, other ones each time unless one is given.
    static let seeds: [UInt64] = seed.map { [$0] } ?? (0..<3).map { _ in .random(in: 0..<1_000_000_000) }

    /// The number of steps of a history, or of each client of a concurrent one.
    static func steps(default count: Int) -> Int {
        number("WHEREABOUTS_STEPS").map { Int(clamping: $0) } ?? count
    }

    /// Prints how to repeat a history.
    static func announce(_ history: String, seed: UInt64, steps: Int) {
        print("\(history): WHEREABOUTS_SEED=\(seed) WHEREABOUTS_STEPS=\(steps)")
    }

    private static let seed = number("WHEREABOUTS_SEED")

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init)
    }
}
