internal import EtcdLab

/// Subjects that are measured in turn, so that a machine whose speed drifts slows all alike.
struct Contest<Sample> {
    /// Those who take part.
    let subjects: [Subject<Sample>]

    /// Measures every subject once in each round, in an order that changes, and some rounds before that do not count.
    ///
    /// In a round, all are prepared before the first is measured.
    func run(rounds: Int, before: Int) throws -> Standings<Sample> {
        var samples: [[Sample]] = subjects.map { _ in [] }
        var generator = SplitMix64(seed: 1)
        for round in -before..<rounds {
            for subject in subjects {
                try subject.prepare()
            }
            for index in subjects.indices.shuffled(using: &generator) {
                let sample = try subjects[index].measure()
                guard round >= 0 else { continue }
                samples[index].append(sample)
            }
        }
        return Standings(names: subjects.map(\.name), samples: samples)
    }
}
