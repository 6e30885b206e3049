/// Tells what a plugin did wrong, from the history of a run.
///
/// It convicts only on proof: a call has its effect at some instant of its interval, a call that was killed, gave up or
/// answered nonsense may have had its effect then, later or never, and a rule is broken only if it is whatever instants
/// are chosen. The work is a few sorts and passes over the calls.
public struct Judge: Sendable {
    /// Error codes to be expected beside 11 (try again) and, of an ADD, 100 (no address is free).
    public let expectedErrors: Set<Int>
    /// For how many nanoseconds after an acknowledged DEL an address may stay taken, `Int64.max` for no limit.
    ///
    /// A plugin that cannot reach its store may acknowledge a DEL and put the release off. Only the rule of false
    /// exhaustion minds: what was put off must have been done by the time of the snapshots.
    public let releaseDelay: Int64

    /// Makes a judge.
    public init(expectedErrors: Set<Int> = [], releaseDelay: Int64 = 0) {
        self.expectedErrors = expectedErrors
        self.releaseDelay = releaseDelay
    }

    /// Returns every breach that a history proves, by rule and then by time.
    ///
    /// Of what goes on wrong, such as two owners that share an address for hours, only the first sign is returned.
    public func violations(in history: History) -> [Violation] {
        let index = CallIndex(history.calls)
        let holdings = HoldingIndex(index)
        return sharedAddresses(history, index, holdings)
            + changedAddresses(history, index, holdings)
            + records(history, index, holdings)
            + Exhaustion(history, index, holdings, releaseDelay: releaseDelay).violations
            + answers(history)
    }

    private func sharedAddresses(_ history: History, _ index: CallIndex, _ holdings: HoldingIndex) -> [Violation] {
        var violations: [(from: Int64, violation: Violation)] = []
        for (address, tenures) in holdings.byAddress.enumerated() {
            for (first, second) in AddressSweep(tenures).conflicts {
                let isOverlap = first.isCertain && second.isCertain
                let from = max(first.latestStart, isOverlap ? second.latestStart : second.earliestEnd)
                let to = min(first.earliestEnd, isOverlap ? second.earliestEnd : second.latestStart)
                violations.append(
                    (
                        from,
                        .sharedAddress(
                            address: index.addresses.values[address],
                            first: history.calls[first.call].number,
                            second: history.calls[second.call].number,
                            from: from,
                            to: to == .max ? nil : to
                        )
                    )
                )
            }
        }
        return violations.sorted { $0.from < $1.from }.map(\.violation)
    }

    private func changedAddresses(_ history: History, _ index: CallIndex, _ holdings: HoldingIndex) -> [Violation] {
        var violations: [(time: Int64, violation: Violation)] = []
        for group in holdings.groups {
            let order = group.adds.indices.sorted { group.adds[$0].end < group.adds[$1].end }
            for (earlier, later) in zip(order, order.dropFirst())
            where group.adds[earlier].addresses != group.adds[later].addresses
                && group.tenures[earlier].conflicts(with: group.tenures[later])
            {
                let first = history.calls[group.adds[earlier].call]
                let second = history.calls[group.adds[later].call]
                violations.append(
                    (
                        second.end,
                        .changedAddress(
                            owner: "\(Owner(first))",
                            first: first.number,
                            second: second.number,
                            before: first.outcome.addresses,
                            after: second.outcome.addresses
                        )
                    )
                )
            }
        }
        return violations.sorted { $0.time < $1.time }.map(\.violation)
    }
}
