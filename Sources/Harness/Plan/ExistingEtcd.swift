internal import EtcdClient
internal import Foundation

/// An etcd that is there, and how it is reached.
///
/// The user's password is no part of it, so that no history holds one: it comes from the variable ETCD_PASSWORD.
struct ExistingEtcd: Codable, Sendable, Hashable {
    /// The endpoints, as `etcd_host` takes them.
    var endpoints: String
    /// The CA that the servers' certificates are checked against.
    var caFile: String?
    /// The client certificate.
    var certificateFile: String?
    /// Its key.
    var keyFile: String?
    /// The user.
    var userName: String?

    /// What reaches it.
    ///
    /// - Throws: `HarnessError` for a user without a password, `EtcdError` for endpoints that are none.
    func configuration() throws -> EtcdConfiguration {
        var configuration = EtcdConfiguration(endpoints: try Endpoint.list(endpoints))
        configuration.tls = TLSConfiguration(caFile: caFile, certificateFile: certificateFile, keyFile: keyFile)
        if let userName {
            guard let password = ProcessInfo.processInfo.environment["ETCD_PASSWORD"], !password.isEmpty else {
                throw HarnessError("the user \(userName) needs a password; put it into the variable ETCD_PASSWORD")
            }
            configuration.user = UserCredentials(name: userName, password: Secret(password))
        }
        return configuration
    }
}
