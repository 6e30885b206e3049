extension Int64 {
    /// A number of nanoseconds as seconds with three digits behind the point.
    var seconds: String {
        let milliseconds = (magnitude + 500_000) / 1_000_000
        let fraction = String(milliseconds % 1000)
        return (self < 0 ? "-" : "") + "\(milliseconds / 1000)."
            + String(repeating: "0", count: 3 - fraction.count) + fraction + " s"
    }
}
