/// An object whose `result` names the case, with the case's values beside it.
extension CallOutcome: Codable {
    private enum Result: String, Codable {
        case succeeded, failed, malformed, killed, unfinished, leaked
    }

    private enum CodingKeys: String, CodingKey {
        case result, addresses, code, message, output, signal, milliseconds
    }

    /// Reads what `encode(to:)` writes; `addresses` may be absent.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Result.self, forKey: .result) {
        case .succeeded:
            self = .succeeded(addresses: try container.decodeIfPresent([HistoryAddress].self, forKey: .addresses) ?? [])
        case .failed:
            self = .failed(
                code: try container.decode(Int.self, forKey: .code),
                message: try container.decode(String.self, forKey: .message)
            )
        case .malformed:
            self = .malformed(try container.decode(String.self, forKey: .output))
        case .killed:
            self = .killed(signal: try container.decode(Int.self, forKey: .signal))
        case .unfinished:
            self = .unfinished(afterMilliseconds: try container.decode(Int.self, forKey: .milliseconds))
        case .leaked:
            self = .leaked(try container.decode(String.self, forKey: .output))
        }
    }

    /// Writes the case's name and its values.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .succeeded(let addresses):
            try container.encode(Result.succeeded, forKey: .result)
            if !addresses.isEmpty {
                try container.encode(addresses, forKey: .addresses)
            }
        case .failed(let code, let message):
            try container.encode(Result.failed, forKey: .result)
            try container.encode(code, forKey: .code)
            try container.encode(message, forKey: .message)
        case .malformed(let output):
            try container.encode(Result.malformed, forKey: .result)
            try container.encode(output, forKey: .output)
        case .killed(let signal):
            try container.encode(Result.killed, forKey: .result)
            try container.encode(signal, forKey: .signal)
        case .unfinished(let milliseconds):
            try container.encode(Result.unfinished, forKey: .result)
            try container.encode(milliseconds, forKey: .milliseconds)
        case .leaked(let output):
            try container.encode(Result.leaked, forKey: .result)
            try container.encode(output, forKey: .output)
        }
    }
}
