/// The highest moment of any group, and the highest of any other group.
struct TopTwo {
    private var first: (moment: Int64, group: Int)?
    private var second: (moment: Int64, group: Int)?

    /// Adds a moment of a group.
    mutating func insert(_ moment: Int64, of group: Int) {
        guard let best = first else {
            first = (moment, group)
            return
        }
        if group == best.group {
            first = (max(moment, best.moment), group)
        } else if moment > best.moment {
            second = best
            first = (moment, group)
        } else if second.map({ moment > $0.moment }) ?? true {
            second = (moment, group)
        }
    }

    /// Returns the highest moment of a group other than the one given, or nil if there is none.
    func highest(notOf group: Int) -> Int64? {
        first.flatMap { $0.group == group ? second : $0 }?.moment
    }
}
