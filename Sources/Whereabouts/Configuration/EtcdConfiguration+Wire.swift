internal import EtcdClient

extension EtcdConfiguration {
    /// Where tokens are kept unless `etcd_token_cache` names another directory, or `none`.
    static let tokenDirectory = "/run/whereabouts/etcd-tokens"

    /// Reads the `etcd_…` keys; the files that they name are read when a client is made.
    ///
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    init(_ wire: WireConfiguration) throws(ConfigurationError) {
        guard let host = wire.etcdHost else {
            throw .missing(
                Field.endpoints.key,
                remedy: "you have not configured the storage engine: name the endpoints of your etcd, "
                    + "for example 10.0.0.5:2379,10.0.0.6:2379, here or in the flat file"
            )
        }
        do throws(EtcdError) {
            self.init(endpoints: try Endpoint.list(host))
        } catch {
            // What stands before an @ may be a password.
            let shown = host.contains("@") ? nil : host
            throw ConfigurationError(key: Field.endpoints.key, value: shown, reason: "can't be used: \(error)")
        }
        tls = TLSConfiguration(
            caFile: wire.etcdCACertFile,
            certificateFile: wire.etcdCertFile,
            keyFile: wire.etcdKeyFile
        )
        user = try Self.user(wire)
        switch wire.etcdTokenCache {
        case "none": tokenCache = nil
        case let directory?:
            guard directory.hasPrefix("/") else {
                throw ConfigurationError(
                    key: "etcd_token_cache",
                    value: directory,
                    reason: "must be the absolute path of a directory, or none"
                )
            }
            tokenCache = TokenCache(directory: directory)
        case nil: tokenCache = TokenCache(directory: Self.tokenDirectory)
        }
    }

    /// Whether whoever reads along learns the user's password.
    var sendsPasswordInClearText: Bool {
        user != nil && !speaksTLS
    }

    /// Whether the connections are encrypted.
    var speaksTLS: Bool {
        !tls.isEmpty || endpoints.contains { $0.scheme == .https }
    }

    private static func user(_ wire: WireConfiguration) throws(ConfigurationError) -> UserCredentials? {
        switch (wire.etcdUsername, wire.etcdPassword) {
        case (nil, nil):
            return nil
        case (let name?, let password?):
            return UserCredentials(name: name, password: password)
        case (_?, nil):
            throw .missing(
                "etcd_password",
                beside: "etcd_username",
                remedy: "a user that etcd knows by its certificate needs neither"
            )
        case (nil, _?):
            throw .missing("etcd_username", beside: "etcd_password")
        }
    }
}

extension EtcdConfiguration.Field {
    /// The key of the configuration that the field comes from.
    var key: String {
        switch self {
        case .endpoints: "etcd_host"
        case .caFile: "etcd_ca_cert_file"
        case .certificateFile: "etcd_cert_file"
        case .keyFile: "etcd_key_file"
        case .user: "etcd_username"
        }
    }
}
