extension CallFailure {
    /// Whether a new token may put it right.
    var demandsNewToken: Bool {
        switch code {
        case .server(.invalidAuthToken), .server(.authRevisionOld), .server(.userEmpty): true
        default: false
        }
    }

    /// Whether a watch that was refused so may be permitted with a new token.
    var mayBeForTheToken: Bool {
        demandsNewToken || code == .server(.permissionDenied)
    }

    /// Whether a stream that ended so is worth opening again.
    ///
    /// More than for a single call: a server that stops, or a connection that breaks, ends streams with any status.
    var mayPassOnAnotherCall: Bool {
        switch code {
        case .server(let error):
            return error.isTransient || error == .watchCanceled
        case .rpc(let status):
            switch GRPCStatus(rawValue: status) {
            case .invalidArgument, .permissionDenied, .unknownMethod, .unauthenticated: return false
            default: return true
            }
        default:
            return isTransient
        }
    }

    /// What the server says with an answer instead of a status.
    init(_ error: EtcdServerError) {
        self.init(
            code: .server(error),
            message: "etcd answered \"\(error.rawValue)\"",
            cause: error.rawValue,
            isTransient: error.isTransient,
            mayHaveBeenApplied: false,
            advice: error.advice
        )
    }

    /// Reads why the server canceled a watch (etcd API, message WatchResponse, cancel_reason).
    init(cancelReason: String) {
        // etcd writes some reasons as gRPC's errors print themselves: "rpc error: code = NAME desc = TEXT".
        let parts = cancelReason.split(separator: " desc = ", maxSplits: 1)
        let text = String(parts.last ?? "")
        let error = EtcdServerError(statusText: text)
        self.init(
            code: .server(error ?? .watchCanceled),
            message: "etcd refused to watch: \"\(error?.rawValue ?? text)\"",
            cause: text,
            isTransient: error?.isTransient ?? false,
            mayHaveBeenApplied: false,
            advice: error?.advice
        )
    }

    /// A message on a stream, for which the time was up.
    static let noAnswer = CallFailure(
        code: .timedOut,
        message: "etcd did not answer in time",
        cause: "no answer in time",
        isTransient: true,
        mayHaveBeenApplied: true,
        advice: "Check that etcd is well and can be reached from this host."
    )
}

extension EtcdError {
    /// Whether the same call may well succeed later.
    var mayPass: Bool {
        switch code {
        case .unreachable, .timedOut, .outcomeUnknown: true
        case .server(let error): error.isTransient
        default: false
        }
    }
}
