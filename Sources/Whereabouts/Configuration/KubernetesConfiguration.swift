/// The Kubernetes datastore of a configuration.
public struct KubernetesConfiguration: Hashable, Sendable {
    /// The path of the kubeconfig file, whose current context names server, user and namespace.
    public let kubeconfig: String
    /// The API group of the objects.
    public let group: String

    /// Makes a configuration of parts that are known to do.
    init(kubeconfig: String, group: String) {
        self.kubeconfig = kubeconfig
        self.group = group
    }

    /// Reads the object `kubernetes`, and refuses what the datastore does not keep, which a release does without.
    ///
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    init(_ wire: WireConfiguration, for purpose: ConfigurationPurpose) throws(ConfigurationError) {
        guard let kubeconfig = wire.kubeconfig else {
            throw .missing(
                "kubernetes.kubeconfig",
                beside: "datastore",
                remedy: "name the file, for example /etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"
            )
        }
        guard kubeconfig.hasPrefix("/") else {
            throw ConfigurationError(
                key: "kubernetes.kubeconfig",
                value: kubeconfig,
                reason: "must be an absolute path"
            )
        }
        let group = wire.kubernetesAPIGroup ?? KubernetesDatastore.defaultGroup
        guard ObjectNames.isSubdomain(group), group.contains(".") else {
            throw ConfigurationError(
                key: "kubernetes.api_group",
                value: group,
                reason: "must be the name of an API group, such as \(KubernetesDatastore.defaultGroup)"
            )
        }
        self.kubeconfig = kubeconfig
        self.group = group
        guard purpose == .allocation else { return }
        for (key, seconds) in [("reuse_delay", wire.reuseDelay), ("retain", wire.retain)] where seconds ?? 0 != 0 {
            throw ConfigurationError(
                key: key,
                value: seconds.map(String.init),
                reason:
                    "is not kept by the kubernetes datastore, whose objects have no place for it; leave it out, or use etcd"
            )
        }
        guard wire.addTimeout ?? 0 <= 240 else {
            throw ConfigurationError(
                key: "add_timeout",
                value: wire.addTimeout.map(String.init),
                reason:
                    "must be 1 to 240 with the kubernetes datastore, where a claim that is older counts as left over"
            )
        }
    }
}
