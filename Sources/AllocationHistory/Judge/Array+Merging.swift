extension [(from: Int64, to: Int64)] {
    /// The same times in order, those that touch or overlap put together.
    var merged: [(from: Int64, to: Int64)] {
        var result: [(from: Int64, to: Int64)] = []
        for time in sorted(by: { $0.from < $1.from }) {
            if let last = result.last, time.from <= last.to {
                result[result.count - 1].to = Swift.max(last.to, time.to)
            } else {
                result.append(time)
            }
        }
        return result
    }
}
