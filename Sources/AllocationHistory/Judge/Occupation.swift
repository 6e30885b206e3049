/// How many addresses of a range may have been taken, over time.
struct Occupation {
    private let capacity: UInt64
    private var known: [Int: [(from: Int64, to: Int64)]] = [:]
    private var unknown: [(count: Int, from: Int64, to: Int64)] = []
    /// The moments at which the number changes, and the number from each to the next, both included.
    private var times: [Int64] = []
    private var counts: [Int] = []
    /// When the range may have been full.
    private var fullTimes: [(from: Int64, to: Int64)] = []

    /// Nothing is taken yet of a range that so many addresses fill.
    init(fullAt capacity: UInt64) {
        self.capacity = capacity
    }

    /// Adds a time in which an address may have been taken.
    mutating func add(address: Int, from: Int64, to: Int64) {
        known[address, default: []].append((from, to))
    }

    /// Adds a time in which a number of addresses may have been taken that nobody knows.
    mutating func add(unknown count: Int, from: Int64, to: Int64) {
        unknown.append((count, from, to))
    }

    /// Counts, when all has been added.
    mutating func settle() {
        var changes: [(time: Int64, isEnd: Bool, count: Int)] = []
        for times in known.values {
            for time in times.merged {
                changes.append((time.from, false, 1))
                changes.append((time.to, true, -1))
            }
        }
        for time in unknown {
            changes.append((time.from, false, time.count))
            changes.append((time.to, true, -time.count))
        }
        // What begins at the moment at which something ends has met it.
        changes.sort { $0.time != $1.time ? $0.time < $1.time : !$0.isEnd && $1.isEnd }
        var count = 0
        var fullSince: Int64? = capacity == 0 ? .min : nil
        for change in changes {
            count += change.count
            times.append(change.time)
            counts.append(count)
            let isFull = UInt64(count) >= capacity
            if isFull, fullSince == nil {
                fullSince = change.time
            } else if !isFull, let since = fullSince {
                fullTimes.append((since, change.time))
                fullSince = nil
            }
        }
        if let fullSince {
            fullTimes.append((fullSince, .max))
        }
        known = [:]
        unknown = []
    }

    /// Returns whether the range may have been full at a moment between two, both included.
    func isFull(from: Int64, to: Int64) -> Bool {
        var low = 0
        var high = fullTimes.count
        while low < high {
            let middle = (low + high) / 2
            if fullTimes[middle].to < from {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < fullTimes.count && fullTimes[low].from <= to
    }

    /// Returns the highest number of addresses that may have been taken at a moment between two, both included.
    func most(from: Int64, to: Int64) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < from {
                low = middle + 1
            } else {
                high = middle
            }
        }
        var most = low == 0 ? 0 : counts[low - 1]
        while low < times.count, times[low] <= to {
            most = max(most, counts[low])
            low += 1
        }
        return most
    }
}
