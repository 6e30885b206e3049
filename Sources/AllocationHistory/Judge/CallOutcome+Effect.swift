extension CallOutcome {
    /// The code with which an ADD says that its range is full.
    static let exhausted = 100

    /// The code with which a call says that another try may succeed.
    static let tryAgain = 11

    /// Whether an ADD that ended so has allocated or may have: any but one that found its range full, which allocates
    /// nothing of any range.
    var mayHaveAllocated: Bool { !isExhaustion }

    /// Whether an ADD that ended so found its range full.
    var isExhaustion: Bool {
        if case .failed(Self.exhausted, _) = self { true } else { false }
    }
}
