internal import EtcdClient
internal import JSON
internal import SystemPackage

/// A kubeconfig (client-go's `clientcmd/api/v1`), read as far as the current context needs it.
package struct Kubeconfig {
    private let path: String
    private let document: JSONValue

    /// Reads a file.
    ///
    /// - Throws: `.invalidConfiguration`.
    init(path: String) throws(KubernetesError) {
        try self.init(Self.contents(of: path, "the kubeconfig \(path)"), path: path)
    }

    /// Reads the text of a file.
    ///
    /// - Throws: `.invalidConfiguration`.
    init(_ bytes: [UInt8], path: String) throws(KubernetesError) {
        self.path = path
        do throws(YAMLError) {
            document = try YAMLParser.parse(bytes)
        } catch {
            throw .invalidConfiguration(
                "the kubeconfig \(path) is no YAML: \(error.reason)",
                advice: "Write the file anew."
            )
        }
        guard case .object = document else {
            throw .invalidConfiguration(
                "the kubeconfig \(path) is no mapping",
                advice: "Write it as kubectl config view --raw --minify prints it."
            )
        }
    }

    /// The cluster, the user and the namespace of the current context.
    ///
    /// - Throws: `.invalidConfiguration` with the entry that can't be used.
    func access() throws(KubernetesError) -> ClusterAccess {
        guard let context = text(document, "current-context") else {
            throw flaw("current-context", "is missing", "Name one of the contexts there.")
        }
        let contextEntry = try entry("contexts", named: context, member: "context")
        guard let clusterName = text(contextEntry, "cluster") else {
            throw flaw("contexts[\(context)].context.cluster", "is missing", "Name one of the clusters there.")
        }
        let cluster = try entry("clusters", named: clusterName, member: "cluster")
        let place = "clusters[\(clusterName)].cluster"
        let server = try url(cluster, "server", place, scheme: "https", defaultPort: 443)
        guard server.userInfo == nil else {
            throw flaw("\(place).server", "has a user in it", "Give the credentials in users.")
        }
        let user = try text(contextEntry, "user").map { name throws(KubernetesError) in
            (place: "users[\(name)].user", entry: try entry("users", named: name, member: "user"))
        }
        return ClusterAccess(
            server: server,
            authorities: try authorities(cluster, place),
            serverName: text(cluster, "tls-server-name") ?? server.host,
            identity: try user.flatMap { user throws(KubernetesError) in try identity(user.entry, user.place) },
            credentials: try user.map { user throws(KubernetesError) in try credentials(user.entry, user.place) }
                ?? .none,
            proxy: try proxy(cluster, place),
            namespace: text(contextEntry, "namespace")
        )
    }

    /// The authority of the current context's cluster as it stands in the file; nil where it stands elsewhere, or none counts.
    func authorityData() throws(KubernetesError) -> String? {
        guard let context = text(document, "current-context"),
            let name = text(try entry("contexts", named: context, member: "context"), "cluster")
        else { return nil }
        return text(try entry("clusters", named: name, member: "cluster"), "certificate-authority-data")
    }

    private func authorities(_ cluster: JSONValue, _ place: String) throws(KubernetesError) -> String? {
        if cluster.member("insecure-skip-tls-verify") == .bool(true) { return nil }
        if let pem = try pem(cluster, "certificate-authority", place) {
            guard pem.holdsCertificate else {
                throw flaw(
                    "\(place).certificate-authority",
                    "holds no PEM certificate",
                    "Give the certificate of the CA."
                )
            }
            return pem.text
        }
        guard let store = TrustStore.file() else {
            throw flaw(
                "\(place).certificate-authority",
                "is missing, and this host has no list of certificate authorities in any of the usual places",
                "Give the certificate of the CA."
            )
        }
        return PEM(try Self.contents(of: store, store)).text
    }

    private func identity(_ user: JSONValue, _ place: String) throws(KubernetesError) -> ClusterAccess.Identity? {
        let chain = try pem(user, "client-certificate", place)
        let key = try pem(user, "client-key", place)
        guard chain != nil || key != nil else { return nil }
        guard let chain, chain.holdsCertificate else {
            throw flaw(
                "\(place).client-certificate",
                "holds no PEM certificate",
                "Give the certificate of the client-key."
            )
        }
        guard let key, key.holdsPrivateKey else {
            throw flaw("\(place).client-key", "holds no PEM private key", "Give the key of the client-certificate.")
        }
        guard !key.isEncrypted else {
            throw flaw("\(place).client-key", "is encrypted, and nobody is there to give the passphrase", "Decrypt it.")
        }
        return ClusterAccess.Identity(certificateChain: chain.text, privateKey: Secret(key.text))
    }

    private func credentials(_ user: JSONValue, _ place: String) throws(KubernetesError) -> ClusterAccess.Credentials {
        for (key, remedy) in Self.refused where user.member(key).map({ $0 != .null && $0 != .string("") }) ?? false {
            throw flaw("\(place).\(key)", "is not supported", remedy)
        }
        // A file takes precedence over a token, as with kubectl.
        if let file = text(user, "tokenFile") {
            return .tokenFile(resolve(file))
        }
        if let token = text(user, "token") {
            return .token(Secret(token))
        }
        return .none
    }

    private static let refused = [
        (
            "exec",
            "A plugin on a node can't run other programs for credentials: use the token of a service account, or a client certificate."
        ),
        ("auth-provider", "Use the token of a service account, or a client certificate."),
        ("username", "API servers take no passwords since Kubernetes 1.19: use a token, or a client certificate."),
        ("as", "Use the credentials of whom to act as."),
    ]

    private func proxy(_ cluster: JSONValue, _ place: String) throws(KubernetesError) -> ClusterAccess.Proxy? {
        guard let text = text(cluster, "proxy-url") else { return nil }
        guard !text.lowercased().hasPrefix("https://"), !text.lowercased().hasPrefix("socks") else {
            throw flaw("\(place).proxy-url", "is for a kind of proxy that is not supported", "Use one with http://.")
        }
        let url = try url(cluster, "proxy-url", place, scheme: "http", defaultPort: 80)
        let authorization = try url.userInfo.map { userInfo throws(KubernetesError) in
            guard let bytes = PercentEncoding.decode(userInfo.revealed) else {
                throw flaw("\(place).proxy-url", "has a % that encodes nothing", "Write % itself as %25.")
            }
            let isPair = bytes.contains(UInt8(ascii: ":"))
            return Secret("Basic " + Base64.encode(bytes + (isPair ? [] : [UInt8(ascii: ":")])))
        }
        return ClusterAccess.Proxy(url: url, authorization: authorization)
    }

    private func url(
        _ entry: JSONValue,
        _ key: String,
        _ place: String,
        scheme: String,
        defaultPort: UInt16
    ) throws(KubernetesError) -> ServerURL {
        guard let text = text(entry, key) else {
            throw flaw("\(place).\(key)", "is missing", "Write it as \(scheme)://host:port.")
        }
        do throws(ServerURL.Flaw) {
            return try ServerURL(text, scheme: scheme, defaultPort: defaultPort)
        } catch {
            throw flaw("\(place).\(key)", error.reason, "Write it as \(scheme)://host:port.")
        }
    }

    /// The PEM text of a key: that of its twin with `-data`, which takes precedence as with kubectl, or the file's.
    private func pem(_ entry: JSONValue, _ key: String, _ place: String) throws(KubernetesError) -> PEM? {
        if let data = text(entry, key + "-data") {
            guard let bytes = Base64.decode(data) else {
                throw flaw("\(place).\(key)-data", "is not Base64", "Encode the PEM text with base64 -w0.")
            }
            return PEM(bytes)
        }
        guard let file = text(entry, key) else { return nil }
        return PEM(try Self.contents(of: resolve(file), "\(place).\(key) of \(path)"))
    }

    /// A path of the file, which is relative to the file's directory.
    private func resolve(_ file: String) -> String {
        FilePath(path).removingLastComponent().pushing(FilePath(file)).string
    }

    private func entry(_ list: String, named name: String, member: String) throws(KubernetesError) -> JSONValue {
        guard case .array(let entries)? = document.member(list),
            let entry = entries.first(where: { text($0, "name") == name })
        else {
            throw flaw("\(list)[\(name)]", "is missing", "Add the entry, or name another one.")
        }
        return entry.member(member) ?? .object([:])
    }

    /// A text; nil for none, and for an empty one, as with kubectl.
    private func text(_ value: JSONValue, _ key: String) -> String? {
        guard case .string(let text)? = value.member(key), !text.isEmpty else { return nil }
        return text
    }

    private func flaw(_ key: String, _ reason: String, _ remedy: String) -> KubernetesError {
        .invalidConfiguration("\(key) of the kubeconfig \(path) \(reason)", advice: remedy)
    }

    static func contents(of path: String, _ name: String) throws(KubernetesError) -> [UInt8] {
        do throws(Errno) {
            return try FileDescriptor.contents(of: FilePath(path))
        } catch {
            throw .invalidConfiguration(
                "\(name) can't be read: \(error)",
                advice: "Check the path and the mode of the file."
            )
        }
    }
}
