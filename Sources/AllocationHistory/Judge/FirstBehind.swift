/// Of calls in order of start, the earliest of some moment in each among those that started behind a given one.
struct FirstBehind {
    /// By descending start.
    private var starts: [Int64] = []
    private var minima: [Int64] = []

    /// Adds a call that started no later than any other.
    mutating func prepend(start: Int64, moment: Int64) {
        starts.append(start)
        minima.append(min(moment, minima.last ?? .max))
    }

    /// Returns the earliest such moment, or nil if none started behind the one given.
    func first(startingAfter moment: Int64) -> Int64? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] > moment {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low == 0 ? nil : minima[low - 1]
    }
}
