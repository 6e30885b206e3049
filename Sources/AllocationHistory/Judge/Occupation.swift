internal import Algorithms

/// How many addresses of a range may have been taken, over time.
struct Occupation {
    private let capacity: UInt64
    private var known: [Int: [(from: Int64, to: Int64)]] = [:]
    private var unknown: [(count: Int, from: Int64, to: Int64)] = []
    /// The moments at which the number changes, and the number from each to the next, both included.
    private var changes: [(time: Int64, count: Int)] = []
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
        var steps: [(time: Int64, isEnd: Bool, count: Int)] = []
        for times in known.values {
            for time in times.merged {
                steps.append((time.from, false, 1))
                steps.append((time.to, true, -1))
            }
        }
        for time in unknown {
            steps.append((time.from, false, time.count))
            steps.append((time.to, true, -time.count))
        }
        // What begins at the moment at which something ends has met it.
        steps.sort { $0.time != $1.time ? $0.time < $1.time : !$0.isEnd && $1.isEnd }
        var count = 0
        var fullSince: Int64? = capacity == 0 ? .min : nil
        for step in steps {
            count += step.count
            changes.append((step.time, count))
            let isFull = UInt64(count) >= capacity
            if isFull, fullSince == nil {
                fullSince = step.time
            } else if !isFull, let since = fullSince {
                fullTimes.append((since, step.time))
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
        let first = fullTimes[fullTimes.partitioningIndex { $0.to >= from }...].first
        return first.map { $0.from <= to } ?? false
    }

    /// Returns the highest number of addresses that may have been taken at a moment between two, both included.
    func most(from: Int64, to: Int64) -> Int {
        let first = changes.partitioningIndex { $0.time >= from }
        let before = changes[..<first].last?.count ?? 0
        return changes[first...].prefix { $0.time <= to }.reduce(before) { max($0, $1.count) }
    }
}
