/// Where it stands how an API server is reached.
public enum ClusterSource: Hashable, Sendable {
    /// A kubeconfig file with the current context in it.
    case kubeconfig(path: String)
    /// What Kubernetes gives every pod: two variables of the environment, and the directory of its service account's files.
    case inCluster(
        environment: [String: String],
        serviceAccount: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    )
}
