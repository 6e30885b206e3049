import Testing

@testable import WhereaboutsBenchmarks

/// A contest is fair: everybody takes part in every round, at changing places.
@Suite struct ContestTests {
    @Test func everySubjectIsPreparedAndMeasuredOnceInEachRound() throws {
        var log: [String] = []
        let subjects = ["a", "b", "c"].map { name in
            Subject(name: name, prepare: { log.append("prepare \(name)") }) {
                log.append(name)
                return log.count
            }
        }
        let standings = try Contest(subjects: subjects).run(rounds: 20, before: 2)
        #expect(standings.samples.map(\.count) == [20, 20, 20])
        #expect(log.count == 22 * 6)
        var orders: Set<[String]> = []
        for round in 0..<22 {
            let entries = log[round * 6..<round * 6 + 6]
            #expect(entries.prefix(3) == ["prepare a", "prepare b", "prepare c"])
            #expect(entries.suffix(3).sorted() == ["a", "b", "c"])
            orders.insert(Array(entries.suffix(3)))
        }
        #expect(orders.count > 3)
    }

    @Test func aRatioIsTheMedianOfThoseOfTheRounds() {
        // The machine slows down tenfold; the ratio of the medians would be 11.
        let standings = Standings(names: ["a", "b"], samples: [[1.0, 10, 100], [2.0, 22, 200]])
        #expect(standings.median(1) { $0 } == 22)
        #expect(standings.ratio(1) { $0 } == 2)
        #expect(standings.ratio(0, to: 1) { $0 } == 0.5)
    }
}
