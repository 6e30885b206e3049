internal import AllocationHistory

/// What a contest has measured.
struct Standings<Sample> {
    /// The subjects' names.
    let names: [String]
    /// What was measured of each subject, by round.
    let samples: [[Sample]]

    /// The median of a figure of a subject.
    func median(_ subject: Int, _ figure: (Sample) -> Double) -> Double {
        samples[subject].map(figure).median
    }

    /// The median of the ratios, round by round, of a subject's figure to another subject's.
    func ratio(_ subject: Int, to reference: Int = 0, _ figure: (Sample) -> Double) -> Double {
        zip(samples[subject], samples[reference]).map { figure($0) / figure($1) }.median
    }
}
