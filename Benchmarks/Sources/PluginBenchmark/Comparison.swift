import Foundation

/// Two programs, timed in turn.
struct Comparison {
    private let nameA: String
    private let nameB: String
    private let programA: Program
    private let programB: Program

    init(_ nameA: String, _ programA: Program, _ nameB: String, _ programB: Program) {
        self.nameA = nameA
        self.programA = programA
        self.nameB = nameB
        self.programB = programB
    }

    static let header = row("A", "B", "A ms", "B ms", "A/B")

    /// Runs A and B in turn, after a few runs that do not count, prints the medians, and returns the median of the ratios.
    @discardableResult
    func run(
        _ count: Int,
        before prepare: () throws -> Void
    ) throws -> Double {
        var timesA: [Double] = []
        var timesB: [Double] = []
        for index in -3..<count {
            try prepare()
            let (timeA, timeB) = (try programA.run(), try programB.run())
            guard index >= 0 else { continue }
            timesA.append(timeA)
            timesB.append(timeB)
        }
        let ratio = Self.median(zip(timesA, timesB).map { $0 / $1 })
        func text(_ value: Double) -> String { String(format: "%.2f", value) }
        print(Self.row(nameA, nameB, text(Self.median(timesA)), text(Self.median(timesB)), text(ratio)))
        return ratio
    }

    private static func row(_ nameA: String, _ nameB: String, _ medianA: String, _ medianB: String, _ ratio: String)
        -> String
    {
        func pad(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
        func align(_ text: String) -> String { String(repeating: " ", count: max(0, 9 - text.count)) + text }
        return pad(nameA, 20) + pad(nameB, 18) + align(medianA) + align(medianB) + align(ratio)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
