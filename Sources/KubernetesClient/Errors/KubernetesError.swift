/// A call of an API server that failed: what class of failure, what happened, and what can be done.
public struct KubernetesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The classes of failure.
    public enum Code: Hashable, Sendable {
        /// The kubeconfig, or a file that it names, can't be used; nothing was sent.
        case invalidConfiguration
        /// The server could not be connected; the request was not sent.
        case unreachable
        /// No connection came about, because server or client does not trust the other; the request was not sent.
        case handshakeFailed
        /// A read got no answer in time; or the deadline had passed before a call began.
        case timedOut
        /// A write was sent and its answer is missing, or leaves open whether it was applied.
        case outcomeUnknown
        /// The server does not know who asks (401).
        case unauthorized
        /// Who asks may not do this (403).
        case forbidden
        /// The server does not know the kind of object (404).
        case missingResource
        /// The server, or a webhook that it asks, refuses the request (400, 422 and others).
        case refused(status: Int)
        /// The answer is not what was expected.
        case malformedReply
    }

    /// The class of failure.
    public let code: Code
    /// What happened, as a phrase.
    public let message: String
    /// What an operator can do, as a sentence.
    public let advice: String?

    package init(_ code: Code, _ message: String, advice: String? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    static func invalidConfiguration(_ message: String, advice: String) -> KubernetesError {
        KubernetesError(.invalidConfiguration, message, advice: advice)
    }

    /// Whether the server could not be reached, or not be made to answer in time, so that the same call may well succeed later.
    public var isUnavailability: Bool {
        switch code {
        case .unreachable, .handshakeFailed, .timedOut, .outcomeUnknown: true
        default: false
        }
    }

    /// Whether the server can't be reached or refuses this client, so that its other calls would fail likewise.
    public var isOfServer: Bool {
        switch code {
        case .invalidConfiguration, .unauthorized, .forbidden, .missingResource: true
        default: isUnavailability
        }
    }

    /// Whether the server does not have any more what the request begins at: a version, or the rest of a list (410).
    var isGone: Bool {
        code == .refused(status: 410)
    }

    /// The failure in one line.
    public var description: String {
        advice.map { "\(message). \($0)" } ?? message
    }
}
