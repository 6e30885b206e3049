internal import CHTTPBridge
internal import EtcdClient

extension HTTPFailure {
    init(_ outcome: chb_outcome) {
        let kind: Kind =
            switch unsafe outcome.failure {
            case .none, .broken: .broken
            case .connection: .connection
            case .proxy: .proxy
            case .tls: unsafe .tls(TLSObstacle.Kind(outcome.obstacle) ?? .handshake)
            case .alert: .alert
            case .unprocessed: .unprocessed
            case .expired: .expired
            case .tooLarge: .tooLarge
            case .protocol: .protocol
            }
        self.init(kind: kind, details: unsafe outcome.details.map { unsafe String(cString: $0) } ?? "")
    }
}
