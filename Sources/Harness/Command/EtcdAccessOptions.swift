internal import ArgumentParser
internal import Foundation

/// The options that say how an etcd that is there is reached, beside its endpoints.
struct EtcdAccessOptions: ParsableArguments {
    @Option(
        help: """
            The CA that the certificates of the etcd at --endpoints are checked against. (default: the host's trust store)
            """
    )
    var etcdCaCertFile: String?
    @Option(help: "The client certificate for it.") var etcdCertFile: String?
    @Option(help: "The key of that certificate.") var etcdKeyFile: String?
    @Option(help: "The user; the password is taken from the variable ETCD_PASSWORD.") var etcdUsername: String?

    /// The etcd at some endpoints.
    func etcd(at endpoints: String) -> ExistingEtcd {
        ExistingEtcd(
            endpoints: endpoints,
            caFile: etcdCaCertFile.map(Self.absolute),
            certificateFile: etcdCertFile.map(Self.absolute),
            keyFile: etcdKeyFile.map(Self.absolute),
            userName: etcdUsername
        )
    }

    /// Checks that none is given, where there are no endpoints.
    ///
    /// - Throws: `ValidationError` for the first that is.
    func expectNone() throws {
        let names = ["etcd-ca-cert-file", "etcd-cert-file", "etcd-key-file", "etcd-username"]
        let values = [etcdCaCertFile, etcdCertFile, etcdKeyFile, etcdUsername]
        for (name, value) in zip(names, values) where value != nil {
            throw ValidationError("--\(name) is for an etcd that is there; name it with --endpoints")
        }
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).path
    }
}
