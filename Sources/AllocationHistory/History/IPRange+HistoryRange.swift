internal import IPTypes

extension IPRange {
    /// Reads the bounds of a history's range, or gives nil if they are none.
    init?(_ range: HistoryRange) {
        guard let first = try? IPAddress(range.first), let last = try? IPAddress(range.last) else { return nil }
        self.init(first, last)
    }
}
