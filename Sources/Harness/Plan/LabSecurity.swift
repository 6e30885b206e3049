/// How the etcd of a run serves its clients.
enum LabSecurity: String, Codable, Sendable, CaseIterable {
    /// In clear text.
    case plain
    /// Over TLS, with client certificates.
    case tls
    /// Over TLS, with client certificates and a user with a password.
    case tlsWithUser = "tls-user"

    /// The scheme of a URL for clients.
    var scheme: String { self == .plain ? "http" : "https" }
}
