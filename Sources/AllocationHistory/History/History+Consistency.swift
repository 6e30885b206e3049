internal import IPTypes

extension History {
    /// What makes this no history that could have been recorded, or nil.
    var contradiction: String? {
        for (index, range) in ranges.enumerated() where IPRange(range) == nil {
            return "range \(index), \(range.first) to \(range.last), is no range of addresses"
        }
        var numbers: Set<Int> = []
        for call in calls {
            if call.end < call.start {
                return "call \(call.number) ends before it starts"
            }
            if let range = call.ranges.first(where: { !ranges.indices.contains($0) }) {
                return "call \(call.number) names range \(range), but there are \(ranges.count)"
            }
            if !numbers.insert(call.number).inserted {
                return "two calls have the number \(call.number)"
            }
        }
        return nil
    }
}
