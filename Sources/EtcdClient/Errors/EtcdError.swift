/// A call of etcd that failed: what class of failure, what happened, what was tried, and what can be done.
public struct EtcdError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The classes of failure.
    public enum Code: Hashable, Sendable {
        /// The configuration can't be used; nothing was sent.
        case invalidConfiguration(EtcdConfiguration.Field)
        /// No endpoint could be connected in time; the request was not sent.
        case unreachable
        /// No endpoint could be connected, because server or client does not trust the other's certificate; the request was not
        /// sent.
        case handshakeFailed
        /// A read got no answer in time; or the deadline had passed before a call began, and nothing was sent.
        case timedOut
        /// A write was sent and its answer is missing: it may have been applied, or may still be.
        case outcomeUnknown
        /// The user has no role, so that etcd lets it do nothing; the request was not applied.
        case missingRole
        /// None of the user's roles permits the request; it was not applied.
        case missingPermission
        /// The server refused the request; it was not applied. Only `.noSpace` may be reported by the very write that used
        /// the space up, and that one was applied.
        case server(EtcdServerError)
        /// The call was ended from this side, by its `Cancellation`.
        case canceled
        /// A file of this host can't be used; the number is the system's `errno`.
        case file(errno: Int32)
        /// The answer can't be decoded.
        case malformedReply
        /// Any other gRPC status, with its number.
        case rpc(status: Int32)
    }

    /// One endpoint that was tried, and what came of it.
    public struct Attempt: Hashable, Sendable, CustomStringConvertible {
        /// The endpoint as configured.
        public let endpoint: String
        /// What went wrong there.
        public let cause: String

        /// The attempt in one line.
        public var description: String {
            "\(endpoint): \(cause)"
        }
    }

    /// The class of failure.
    public let code: Code
    /// What happened, as a phrase.
    public let message: String
    /// The endpoints tried with each one's last failure, in the order of the configuration.
    public let attempts: [Attempt]
    /// How long it was tried.
    public let elapsed: Duration
    /// What an operator can do, as a sentence.
    public let advice: String?

    package init(
        _ code: Code,
        _ message: String,
        attempts: [Attempt] = [],
        elapsed: Duration = .zero,
        advice: String? = nil
    ) {
        self.code = code
        self.message = message
        self.attempts = attempts
        self.elapsed = elapsed
        self.advice = advice
    }

    /// The call was ended from this side.
    static let canceled = EtcdError(.canceled, "the call of etcd was canceled")

    /// The failure in one line: message, attempts, time and advice.
    public var description: String {
        var text = message
        if !attempts.isEmpty {
            text += " (tried for \(elapsed.inMilliseconds) ms: "
            text += attempts.map(\.description).joined(separator: "; ") + ")"
        }
        if let advice {
            text += ". \(advice)"
        }
        return text
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
