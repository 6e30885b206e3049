/// Of ADDs in order of start, when those that had started by some moment have had their effect at the latest.
struct LatestByStart {
    private var starts: [Int64] = []
    private var maxima: [Int64] = []

    /// Adds an ADD that started no earlier than the last.
    mutating func append(start: Int64, latest: Int64) {
        starts.append(start)
        maxima.append(max(latest, maxima.last ?? .min))
    }

    /// Returns the latest effect of those that started by a moment, or nil if none did.
    func latest(startedBy moment: Int64) -> Int64? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= moment {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low == 0 ? nil : maxima[low - 1]
    }
}
