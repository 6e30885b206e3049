/// Why one attempt of a call failed, and what that allows to do next.
struct CallFailure {
    let code: EtcdError.Code
    /// What happened, as a phrase.
    let message: String
    /// What the server or gRPC said.
    let cause: String
    /// Whether the same request may well succeed a little later or on another member.
    let isTransient: Bool
    /// Whether the request can have reached the server and been applied.
    let mayHaveBeenApplied: Bool
    /// Whether no connection came about, so that the request was not sent.
    var isConnectFailure = false
    var advice: String?

    /// No target could be connected, none of them even to fail.
    static func noConnection(after timeout: Duration) -> CallFailure {
        noConnection(because: "no connection after \(timeout.inMilliseconds) ms")
    }

    /// The server said that all went well, and its answer can't be read.
    static func malformed(_ reply: MalformedReply) -> CallFailure {
        CallFailure(
            code: .malformedReply,
            message: "etcd's answer can't be decoded: \(reply.reason)",
            cause: reply.reason,
            isTransient: false,
            mayHaveBeenApplied: true,
            advice: "Check that the endpoint is an etcd v3 client endpoint."
        )
    }

    private static let connectAdvice = "Check etcd_host, and that etcd runs and can be reached from this host."
}

extension CallFailure {
    /// Reads the failure from a reply whose status is not 0.
    init(_ reply: borrowing GRPCReply) {
        let details = reply.details
        if let error = EtcdServerError(statusText: details) {
            self.init(
                code: .server(error),
                message: "etcd answered \"\(error.rawValue)\"",
                cause: error.rawValue,
                isTransient: error.isTransient,
                mayHaveBeenApplied: error.leavesOutcomeUnknown,
                advice: error.advice
            )
            return
        }
        switch GRPCStatus(rawValue: reply.status) {
        case .unavailable where Self.connectFailures.contains(where: details.hasPrefix):
            let log = GRPCLog.take().map { " (\($0.split(separator: "\n").joined(separator: "; ")))" } ?? ""
            self = .noConnection(because: Self.withoutLead(details) + log)
        case .unavailable:
            self.init(
                code: .unreachable,
                message: "the connection to etcd broke",
                cause: details.isEmpty ? reply.cause ?? "" : details,
                isTransient: true,
                mayHaveBeenApplied: true
            )
        case .deadlineExceeded:
            self.init(
                code: .timedOut,
                message: "etcd did not answer in time",
                cause: "no answer in time",
                isTransient: true,
                mayHaveBeenApplied: true,
                advice: "Check that etcd is well and can be reached from this host."
            )
        default:
            self.init(
                code: .rpc(status: reply.status),
                message: "the call of etcd failed with gRPC status \(reply.status): \(details)",
                cause: details,
                isTransient: false,
                mayHaveBeenApplied: !Self.isRefusal(reply.status, details),
                advice: "Check that the endpoint is an etcd v3 client endpoint."
            )
        }
    }

    /// Whether a status that is none of etcd's own says that the request did not come to be handled.
    private static func isRefusal(_ status: Int32, _ details: String) -> Bool {
        switch GRPCStatus(rawValue: status) {
        case .unknownMethod: true
        // The text of gRPC for Go, which reads no request larger than etcd's --max-request-bytes and 512 KiB.
        case .resourceExhausted: details.hasPrefix("grpc: received message larger than max")
        default: false
        }
    }

    /// How gRPC's status texts begin when no connection came about.
    private static let connectFailures = [
        "failed to connect to all addresses", "DNS resolution failed", "empty address list",
    ]

    private static func noConnection(because cause: String) -> CallFailure {
        CallFailure(
            code: .unreachable,
            message: "etcd can't be reached",
            cause: cause,
            isTransient: true,
            mayHaveBeenApplied: false,
            isConnectFailure: true,
            advice: connectAdvice
        )
    }

    /// gRPC's text without the parts that say nothing: what remains begins with the last cause.
    private static func withoutLead(_ details: String) -> String {
        var text = Substring(details)
        for lead in ["failed to connect to all addresses; last error: ", "UNKNOWN: "] where text.hasPrefix(lead) {
            text = text.dropFirst(lead.count)
        }
        return String(text)
    }
}
