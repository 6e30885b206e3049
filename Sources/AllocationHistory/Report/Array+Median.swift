extension [Double] {
    /// The value in the middle, or the mean of the two there; 0 of none.
    package var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
