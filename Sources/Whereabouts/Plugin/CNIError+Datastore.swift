internal import CNI
internal import EtcdClient

/// The plugin's own error codes; the CNI spec leaves 100 and above to plugins.
extension CNIError.Code {
    /// A range has no free address left.
    static let rangeFull = CNIError.Code(rawValue: 100)
    /// A record in the datastore can't be understood.
    static let recordUndecodable = CNIError.Code(rawValue: 101)
    /// The datastore refused the request, and will refuse it again.
    static let datastoreRefused = CNIError.Code(rawValue: 102)
    /// Another owner has the address that was asked for.
    static let addressTaken = CNIError.Code(rawValue: 104)
    /// CHECK found that the attachment does not own what it should.
    static let checkFailed = CNIError.Code(rawValue: 103)
}

extension CNIError {
    /// A failure of CHECK.
    static func checkFailed(_ message: String, details: String) -> CNIError {
        CNIError(.checkFailed, message, details: details)
    }

    /// The runtime's view of a datastore's failure: what may pass by itself is "try again later".
    init(_ error: DatastoreError) {
        switch error {
        case .rangeFull:
            self.init(.rangeFull, "range full", details: error.description)
        case .addressTaken:
            self.init(.addressTaken, "address taken", details: error.description)
        case .undecodable:
            self.init(.recordUndecodable, "undecodable record", details: error.description)
        case .contention:
            self.init(.tryAgainLater, "too much contention", details: error.description)
        case .etcd(let cause):
            self.init(cause)
        }
    }

    /// The runtime's view of a failure of etcd.
    init(_ error: EtcdError) {
        switch error.code {
        case .unreachable, .timedOut, .outcomeUnknown, .canceled:
            self.init(.tryAgainLater, "etcd unavailable", details: error.description)
        case .server(let server) where server.isTransient:
            self.init(.tryAgainLater, "etcd unavailable", details: error.description)
        case .server, .malformedReply, .rpc, .missingRole, .missingPermission, .file:
            self.init(.datastoreRefused, "etcd refused the request", details: error.description)
        case .handshakeFailed:
            self.init(.datastoreRefused, "no TLS connection to etcd", details: error.description)
        case .invalidConfiguration(let field):
            self.init(.invalidConfiguration, "invalid configuration", details: "\(field.key): \(error)")
        }
    }
}
