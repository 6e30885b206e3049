/// What a member of a cluster is started with.
struct EtcdMember {
    let name: String
    /// Where its data and its log are.
    let directory: String
    let clientURL: String
    let peerURL: String

    /// The file that the member's process writes its log to.
    var log: String { "\(directory)/\(name).log" }

    /// The arguments of the member's process.
    func arguments(
        cluster: [EtcdMember],
        heartbeatMilliseconds: Int,
        electionMilliseconds: Int,
        security: EtcdSecurity
    ) -> [String] {
        [
            "--name", name, "--data-dir", "\(directory)/\(name)",
            "--listen-client-urls", clientURL, "--advertise-client-urls", clientURL,
            "--listen-peer-urls", peerURL, "--initial-advertise-peer-urls", peerURL,
            "--initial-cluster", cluster.map { "\($0.name)=\($0.peerURL)" }.joined(separator: ","),
            "--heartbeat-interval", String(heartbeatMilliseconds), "--election-timeout", String(electionMilliseconds),
            // Passwords are hashed as fast as etcd lets them.
            "--bcrypt-cost", "4",
        ] + security.etcdArguments
    }
}
