/// Where the labels of faults stand above the plots, so that none covers another.
struct FaultLanes {
    /// The label of one fault.
    struct Label {
        /// What it says.
        let text: String
        /// The x coordinate of its start.
        let x: Double
        /// The row it stands in, from the top; nil if there is no room for it.
        let lane: Int?
    }

    /// How many rows are used.
    let count: Int
    /// The labels, in the faults' order.
    let labels: [Label]

    /// More rows than these would leave the plots no room.
    private static let limit = 8
    /// The width of a character at the labels' size, rather too wide.
    private static let characterWidth = 6.4

    /// Places labels at the x coordinates at which their faults begin: number, kind and target, or where there are too many
    /// for that the number alone, which a table explains.
    init(_ faults: [FaultPeriod], starts: [Double], left: Double, right: Double) {
        let full = zip(1..., faults).map { "\($0) \($1.kind) \($1.target)" }
        let short = faults.indices.map { "\($0 + 1)" }
        let inFull = Self.place(full, starts, left, right)
        labels = inFull.contains { $0.lane == nil } ? Self.place(short, starts, left, right) : inFull
        count = (labels.compactMap(\.lane).max() ?? -1) + 1
    }

    private static func place(_ texts: [String], _ starts: [Double], _ left: Double, _ right: Double) -> [Label] {
        var ends: [Double] = []
        return zip(texts, starts).map { text, start in
            let width = Double(text.count) * characterWidth
            let x = max(left, min(start, right - width))
            if let lane = ends.firstIndex(where: { $0 + 6 <= x }) {
                ends[lane] = x + width
                return Label(text: text, x: x, lane: lane)
            }
            guard ends.count < limit, width <= right - left else { return Label(text: text, x: x, lane: nil) }
            ends.append(x + width)
            return Label(text: text, x: x, lane: ends.count - 1)
        }
    }
}
