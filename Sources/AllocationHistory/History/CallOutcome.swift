/// How a call of a plugin ended.
public enum CallOutcome: Sendable, Hashable {
    /// It succeeded, and an ADD returned these addresses; any other verb returns none.
    case succeeded(addresses: [HistoryAddress])
    /// It returned a well-formed CNI error.
    case failed(code: Int, message: String)
    /// It returned neither a valid result nor a valid error; the text holds the exit status and the output.
    case malformed(String)
    /// The harness killed it on purpose.
    case killed(signal: Int)
    /// It did not end within the harness's limit and was ended.
    case unfinished(afterMilliseconds: Int)
    /// A secret showed in its output; the text says which and where.
    case leaked(String)

    /// Whether the call was acknowledged.
    public var isSuccess: Bool {
        if case .succeeded = self { true } else { false }
    }

    /// What an acknowledged ADD returned; empty for any other outcome.
    public var addresses: [HistoryAddress] {
        if case .succeeded(let addresses) = self { addresses } else { [] }
    }
}
