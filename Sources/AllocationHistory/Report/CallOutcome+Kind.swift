extension CallOutcome {
    /// How a call failed, in a word or two; nil if it was acknowledged.
    var failureKind: String? {
        switch self {
        case .succeeded: nil
        case .failed(let code, _): "code \(code)"
        case .malformed: "malformed"
        case .killed(let signal): "signal \(signal)"
        case .unfinished: "unfinished"
        case .leaked: "leaked"
        }
    }

    /// Whether the call was killed on purpose.
    package var isKilled: Bool {
        if case .killed = self { true } else { false }
    }
}
