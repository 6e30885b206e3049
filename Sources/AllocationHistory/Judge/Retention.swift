internal import IPTypes

/// Which addresses wait for their owner after a release.
struct Retention {
    private let ranges: [String: [IPRange]]

    /// Notes the ranges that retain addresses.
    init(_ ranges: [HistoryRange]) {
        self.ranges = Dictionary(grouping: ranges.filter { $0.retainSeconds > 0 }, by: \.domain)
            .mapValues { $0.compactMap { IPRange($0) } }
    }

    /// Returns whether a range of the address's domain contains it and retains addresses.
    func applies(to address: HistoryAddress) -> Bool {
        guard let ranges = ranges[address.domain], let value = try? IPAddress(address.address) else { return false }
        return ranges.contains { $0.contains(value) }
    }
}
