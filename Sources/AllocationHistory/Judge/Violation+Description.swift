extension Violation: CustomStringConvertible {
    /// The breach in words, with the addresses, call numbers and times that prove it.
    public var description: String {
        switch self {
        case .sharedAddress(let address, let first, let second, let from, let to):
            "Two owners had \(address) at once: calls \(first) and \(second) both returned it, and neither owner can have "
                + "given it up " + (to.map { "between \(from.seconds) and \($0.seconds)" } ?? "since \(from.seconds)")
                + "."
        case .changedAddress(let owner, let first, let second, let before, let after):
            "\(owner) got other addresses though nothing had released its own: call \(first) returned "
                + "\(before.listed), call \(second) returned \(after.listed)."
        case .lostRecord(let address, let owner, let call, let found, let time):
            "\(owner) has had \(address) since call \(call), but at \(time.seconds) "
                + (found.map { "the store said that it \($0.words)" } ?? "the store held no record of it") + "."
        case .leakedRecord(let record, let release, let time):
            "At \(time.seconds) \(record.address) still \(record.words), which call \(release) had released, "
                + "and no ADD can have made the record since."
        case .strangeRecord(let record, let time):
            "At \(time.seconds) \(record.address) \(record.words), for which no call ever asked an address."
        case .leftRecord(let record, let time):
            "At \(time.seconds), when everything had been released, \(record.address) still \(record.words)."
        case .falseExhaustion(let call, let range, let mostTaken, let from, let to):
            "Call \(call) found no free address between \(from.seconds) and \(to.seconds), but of the "
                + "\(range.allocatableCount) addresses of \(range.first) to \(range.last) at most \(mostTaken) can have been "
                + "taken at any moment of it."
        case .inconsistentIndex(let inconsistency, let time):
            "At \(time.seconds) the store contradicted itself: \(inconsistency)"
        case .malformedAnswer(let call, let output, let time):
            "Call \(call) ended at \(time.seconds) with neither a result nor an error: \(output)"
        case .unfinishedCall(let call, let milliseconds, let time):
            "Call \(call) did not end within \(milliseconds) ms and was ended at \(time.seconds)."
        case .leakedSecret(let call, let evidence, let time):
            "Call \(call), which ended at \(time.seconds), let a secret out: \(evidence)"
        case .unexpectedError(let call, let code, let message, let time):
            "Call \(call) failed at \(time.seconds) with the unexpected code \(code): \(message)"
        case .wrongRange(let call, let problem, let time):
            "Call \(call), which ended at \(time.seconds), returned \(problem)."
        }
    }
}

extension [HistoryAddress] {
    /// The addresses with commas between.
    fileprivate var listed: String {
        isEmpty ? "none" : map(\.description).joined(separator: ", ")
    }
}

extension StoredRecord {
    /// What the record says of its address.
    fileprivate var words: String {
        (isRetained ? "waits for " : "belongs to ") + attachment.description + (pod.map { " of pod \($0)" } ?? "")
            + (node.isEmpty ? "" : " on \(node)")
    }
}
