internal import EtcdClient

extension ClusterSource {
    /// Reads how the API server is reached now.
    ///
    /// - Throws: `.invalidConfiguration`.
    func access() throws(KubernetesError) -> ClusterAccess {
        switch self {
        case .kubeconfig(let path):
            return try Kubeconfig(path: path).access()
        case .inCluster(let environment, let serviceAccount):
            return try Self.inCluster(environment, serviceAccount)
        }
    }

    private static func inCluster(
        _ environment: [String: String],
        _ serviceAccount: String
    ) throws(KubernetesError) -> ClusterAccess {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"]
        else {
            throw .invalidConfiguration(
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod of a cluster",
                advice: "Name a kubeconfig."
            )
        }
        let authority = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let server: ServerURL
        do throws(ServerURL.Flaw) {
            server = try ServerURL("https://" + authority, scheme: "https", defaultPort: 443)
        } catch {
            throw .invalidConfiguration(
                "KUBERNETES_SERVICE_HOST with KUBERNETES_SERVICE_PORT, \(authority), \(error.reason)",
                advice: "Name a kubeconfig."
            )
        }
        let authorities = PEM(try Kubeconfig.contents(of: serviceAccount + "/ca.crt", "the CA of the service account"))
        guard authorities.holdsCertificate else {
            throw .invalidConfiguration(
                "\(serviceAccount)/ca.crt holds no PEM certificate",
                advice: "Name a kubeconfig, or mend the ConfigMap kube-root-ca.crt."
            )
        }
        let namespace = try Kubeconfig.contents(
            of: serviceAccount + "/namespace",
            "the namespace of the service account"
        )
        return ClusterAccess(
            server: server,
            authorities: authorities.text,
            serverName: server.host,
            identity: nil,
            credentials: .tokenFile(serviceAccount + "/token"),
            proxy: nil,
            namespace: String(decoding: namespace, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(
                String.init
            )
        )
    }
}
