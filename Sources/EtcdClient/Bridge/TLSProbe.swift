package import CGRPCBridge
internal import Glibc

/// What stands in the way of a TLS connection, found out with OpenSSL alone: gRPC does not tell.
enum TLSProbe {
    /// Parses the PEM texts as gRPC does; nil when all can be used.
    static func check(_ credentials: TLSCredentials) -> TLSObstacle? {
        unsafe Optional(credentials).withBridged { unsafe obstacle(cgb_tls_check($0)) }
    }

    /// What the dates of the client's certificate say against it; nil when they are all right, or there is none.
    static func faultyDates(_ credentials: TLSCredentials) -> String? {
        unsafe Optional(credentials).withBridged { unsafe obstacle(cgb_tls_check_dates($0)) }?.details
    }

    /// Makes a TLS connection to an address; nil when nothing stood in the way.
    ///
    /// Without credentials no server is trusted, and that shows that it speaks TLS. It ends by the deadline.
    static func probe(
        _ credentials: TLSCredentials?,
        address: String,
        port: UInt16,
        serverName: String,
        deadline: Deadline
    ) -> TLSObstacle? {
        unsafe credentials.withBridged {
            unsafe obstacle(cgb_tls_probe($0, address, port, serverName, deadline.nanoseconds))
        }
    }

    private static func obstacle(_ diagnosis: cgb_tls_diagnosis) -> TLSObstacle? {
        defer { unsafe free(diagnosis.details) }
        guard let kind = unsafe TLSObstacle.Kind(diagnosis.obstacle) else { return nil }
        return unsafe TLSObstacle(kind: kind, details: String(cString: diagnosis.details))
    }
}

extension TLSObstacle.Kind {
    /// The bridge's obstacle; nil when there is none.
    package init?(_ obstacle: cgb_tls_obstacle) {
        switch obstacle {
        case .none: return nil
        case .authorities: self = .authorities
        case .certificate: self = .certificate
        case .key: self = .key
        case .mismatch: self = .mismatch
        case .connection: self = .connection
        case .noTLS: self = .noTLS
        case .untrusted: self = .untrusted
        case .name: self = .name
        case .refused: self = .refused
        case .handshake: self = .handshake
        }
    }
}
