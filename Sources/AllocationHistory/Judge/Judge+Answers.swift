internal import IPTypes

extension Judge {
    /// The breaches that one call shows by itself, and those that a snapshot does.
    func answers(_ history: History) -> [Violation] {
        let bounds = history.ranges.map { IPRange($0) }
        let calls = history.calls.sorted { ($0.end, $0.number) < ($1.end, $1.number) }
        let found = calls.compactMap { call -> Violation? in
            switch call.outcome {
            case .succeeded(let addresses):
                // Without ranges the history is of a plugin whose ranges nobody told.
                guard call.verb == .add, !history.ranges.isEmpty,
                    let problem = misfit(addresses, call, history.ranges, bounds)
                else {
                    return nil
                }
                return .wrongRange(call: call.number, problem: problem, time: call.end)
            case .failed(let code, let message):
                let isExpected =
                    code == CallOutcome.tryAgain || code == CallOutcome.exhausted && call.verb == .add
                    || expectedErrors.contains(code)
                return isExpected
                    ? nil : .unexpectedError(call: call.number, code: code, message: message, time: call.end)
            case .malformed(let output):
                return .malformedAnswer(call: call.number, output: output, time: call.end)
            case .killed:
                return nil
            case .unfinished(let milliseconds):
                return .unfinishedCall(call: call.number, afterMilliseconds: milliseconds, time: call.end)
            case .leaked(let evidence):
                return .leakedSecret(call: call.number, evidence: evidence, time: call.end)
            }
        }
        // Sorting by rule is stable over the order by time.
        let byRule = Dictionary(grouping: found, by: \.rule)
        return Rule.allCases.flatMap { byRule[$0] ?? [] }
    }

    /// What is wrong with the addresses of an ADD, or nil.
    private func misfit(
        _ addresses: [HistoryAddress],
        _ call: Call,
        _ ranges: [HistoryRange],
        _ bounds: [IPRange?]
    ) -> String? {
        let listed = addresses.map(\.description).joined(separator: ", ")
        guard addresses.count == call.ranges.count else {
            return "\(addresses.count) addresses (\(listed)) for \(call.ranges.count) ranges"
        }
        guard Set(addresses).count == addresses.count else {
            return "an address twice (\(listed))"
        }
        let fits = addresses.map { address in
            let value = try? IPAddress(address.address)
            return call.ranges.indices.filter { position in
                guard ranges.indices.contains(call.ranges[position]), let value else { return false }
                let range = call.ranges[position]
                return ranges[range].domain == address.domain && bounds[range]?.contains(value) ?? false
            }
        }
        if let stray = fits.firstIndex(where: \.isEmpty) {
            return "\(addresses[stray]), which is in none of its ranges"
        }
        var taken: [Int: Int] = [:]
        for address in addresses.indices {
            var tried: Set<Int> = []
            guard assign(address, fits, &taken, &tried) else {
                return "two addresses of one range and none of another (\(listed))"
            }
        }
        return nil
    }

    /// Gives an address a range of its own, if need be by giving others another one (Kuhn's algorithm).
    private func assign(_ address: Int, _ fits: [[Int]], _ taken: inout [Int: Int], _ tried: inout Set<Int>) -> Bool {
        for range in fits[address] where tried.insert(range).inserted {
            guard let other = taken[range] else {
                taken[range] = address
                return true
            }
            if assign(other, fits, &taken, &tried) {
                taken[range] = address
                return true
            }
        }
        return false
    }
}
