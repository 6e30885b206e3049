/// Why one attempt of a call failed, and what that allows to do next.
struct CallFailure: Error {
    let code: EtcdError.Code
    /// What happened, as a phrase.
    let message: String
    /// What the server or gRPC said.
    let cause: String
    /// Whether the same request may well succeed a little later or on another member.
    let isTransient: Bool
    /// Whether the request can have reached the server and been applied.
    let mayHaveBeenApplied: Bool
    /// Why no connection came about, so that the request was not sent; nil where there was one.
    var connectFailure: ConnectFailure?
    var advice: String?

    /// What kept a connection from coming about, as far as gRPC tells.
    enum ConnectFailure {
        /// No answer, or a refusal, at the level of TCP.
        case unreachable
        /// The endpoint's name could not be resolved.
        case unresolved
        /// The TLS files could not be used.
        case unusableFiles
        /// Client and server did not come together, in TLS or at the first words of HTTP/2.
        case disagreement
    }

    /// The failure with the chances of an earlier one on another endpoint: one that may pass is enough to try again.
    func following(_ earlier: CallFailure?) -> CallFailure {
        guard let earlier, earlier.isTransient, !isTransient, connectFailure != nil else { return self }
        return earlier
    }

    /// No target could be connected, none of them even to fail.
    static func noConnection(after timeout: Duration) -> CallFailure {
        noConnection(because: "no connection after \(timeout.inMilliseconds) ms", .unreachable)
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

    private static let connectAdvice = "Check the endpoints, and that etcd runs and can be reached from this host."
    private static let resolveAdvice =
        "The client resolves names as this host does, not as a pod does, so a service name of Kubernetes needs a host that asks the "
        + "cluster's DNS, or an entry in /etc/hosts; see \"Host DNS\" in the README."
}

extension CallFailure {
    /// Reads the failure from a reply whose status is not 0.
    init(_ reply: borrowing GRPCReply) {
        let details = reply.details
        if let error = EtcdServerError(statusText: details) ?? Self.refusal(reply.status, details) {
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
            self = .noConnection(details)
        case .unavailable:
            self.init(
                code: .unreachable,
                message: "the connection to etcd broke",
                cause: details.isEmpty ? reply.cause ?? "" : details,
                isTransient: true,
                mayHaveBeenApplied: true,
                advice: "Check that etcd runs, and what stands between it and this host."
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
                mayHaveBeenApplied: reply.status != GRPCStatus.unknownMethod.rawValue,
                advice: "Check that the endpoint is an etcd v3 client endpoint."
            )
        }
    }

    /// The refusal of a request that did not come to be handled by etcd.
    private static func refusal(_ status: Int32, _ details: String) -> EtcdServerError? {
        // The text of gRPC for Go, which reads no request larger than etcd's --max-request-bytes and 512 KiB.
        let isTooLarge = details.hasPrefix("grpc: received message larger than max")
        return isTooLarge && GRPCStatus(rawValue: status) == .resourceExhausted ? .requestTooLarge : nil
    }

    /// How gRPC's status texts begin when no connection came about.
    private static let connectFailures = [
        "failed to connect to all addresses", "DNS resolution failed", "empty address list",
    ]

    private static func noConnection(_ details: String) -> CallFailure {
        // What gRPC logs of channels does not say of which one; it is of use only where no channel came about for the files' sake.
        let log = GRPCLog.take() ?? ""
        if details.hasPrefix("DNS resolution failed") {
            return noConnection(because: "its name can't be resolved (\(lastPart(of: details)))", .unresolved)
        }
        if details.hasPrefix("empty address list") {
            return noConnection(because: lines(of: log), .unusableFiles)
        }
        let cause = withoutLead(details)
        let isDisagreement = disagreements.contains { cause.contains($0) }
        return noConnection(
            because: cause,
            isDisagreement ? .disagreement : .unreachable,
            // A certificate does not get better by waiting; what only looks like a refusal may be a server that is going down.
            isTransient: !verificationFailures.contains { cause.contains($0) }
        )
    }

    private static func noConnection(
        because cause: String,
        _ failure: ConnectFailure,
        isTransient: Bool = true
    ) -> CallFailure {
        CallFailure(
            code: .unreachable,
            message: failure == .unresolved ? "etcd's name can't be resolved from this host" : "etcd can't be reached",
            cause: cause,
            isTransient: isTransient && failure != .unusableFiles,
            mayHaveBeenApplied: false,
            connectFailure: failure,
            advice: failure == .unresolved ? resolveAdvice : connectAdvice
        )
    }

    /// Parts of gRPC's texts where a TCP connection came about, and nothing on it.
    private static let disagreements =
        verificationFailures + [
            "Ssl handshake failed", "Endpoint read failed", "Socket closed", "Connection reset by peer",
        ]

    /// Parts of gRPC's texts where the server's certificate was at fault.
    private static let verificationFailures = [
        "certificate verify failed", "is not in peer certificate", "Verify peer callback returned a failure",
    ]

    private static func lines(of log: String) -> String {
        log.split(separator: "\n").joined(separator: "; ")
    }

    private static func lastPart(of details: String) -> Substring {
        let last = details.split(separator: ":").last ?? ""
        return last.drop { $0 == " " }
    }

    /// gRPC's text without the parts that say nothing: what remains begins with the last cause.
    private static func withoutLead(_ details: String) -> String {
        var text = Substring(details)
        for lead in ["failed to connect to all addresses; last error: ", "UNKNOWN: ", "UNAVAILABLE: "]
        where text.hasPrefix(lead) {
            text = text.dropFirst(lead.count)
        }
        return String(text)
    }
}
