extension Double {
    /// The number with a fixed count of digits behind the point.
    package func decimal(_ digits: Int) -> String {
        let scale = (0..<digits).reduce(Int64(1)) { scale, _ in scale * 10 }
        let scaled = (self * Double(scale)).rounded()
        guard let value = Int64(exactly: scaled) else { return "\(self)" }
        let sign = value < 0 ? "-" : ""
        guard digits > 0 else { return "\(value)" }
        let fraction = String(value.magnitude % scale.magnitude)
        return sign + "\(value.magnitude / scale.magnitude)."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// The number with three digits that count, or as many as stand before the point.
    package var figure: String {
        decimal(magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0)
    }
}
