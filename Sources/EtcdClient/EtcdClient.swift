/// A client of an etcd v3 cluster, synchronous: each call blocks its thread until it has an answer or its deadline passes.
///
/// One client belongs to one thread at a time. It connects when it is first used, and reconnects by itself.
///
///     let client = try EtcdClient(connectionString: "10.0.0.5:2379,10.0.0.6:2379")
///     try client.put(PutRequest("greeting", "hello"), deadline: .after(.seconds(5)))
public final class EtcdClient {
    let configuration: EtcdConfiguration
    /// The targets that a gRPC channel leads to each, in the order in which they are tried.
    let targets: [Target]
    /// The target that serves, as far as is known.
    var current: Int?
    /// The target that a race begins with: behind the one that failed last.
    var preferred = 0
    /// The race for a connection that the last call left undecided.
    var race: Race?
    /// What is known of the token.
    var authentication = Authentication.unknown
    private(set) var grpc: GRPCClient
    /// What the connections are made with; nil for clear text.
    private(set) var tls: TLSCredentials?
    private let keepalive: Keepalive?
    private let cancellation: Cancellation?

    /// Makes a client and reads the TLS files; nothing is connected yet.
    ///
    /// - Throws: `.invalidConfiguration` when no endpoint is configured, when endpoints and TLS files do not go together, and for
    ///   a file that can't be read or holds something else.
    public convenience init(_ configuration: EtcdConfiguration) throws(EtcdError) {
        try self.init(configuration, keepalive: nil, cancellation: nil)
    }

    /// Makes a client for streams: its connections are probed, and its waits can be canceled.
    init(
        _ configuration: EtcdConfiguration,
        keepalive: Keepalive?,
        cancellation: Cancellation?
    ) throws(EtcdError) {
        guard !configuration.endpoints.isEmpty else {
            throw EtcdError(
                .invalidConfiguration(.endpoints),
                "no etcd endpoint is configured",
                advice: "Name one, such as 10.0.0.5:2379."
            )
        }
        // Before endpoints are folded: what is left of a place that was named with two schemes would have one.
        tls = try configuration.endpoints.useTLS(configuration.tls) ? TLSCredentials(configuration.tls) : nil
        var configuration = configuration
        configuration.endpoints = configuration.endpoints.distinct
        self.configuration = configuration
        if tls != nil, configuration.tls.reducesOpenSSL {
            GRPCClient.reduceOpenSSL()
        }
        var order = Array(configuration.endpoints.indices)
        if configuration.endpointOrder == .shuffled {
            order.shuffle()
        }
        let hosts = HostsFile()
        targets = order.flatMap { index in
            let endpoint = configuration.endpoints[index]
            return endpoint.targetNames(hosts: hosts).map {
                Target(name: $0, serverName: endpoint.certificateName, endpoint: index)
            }
        }
        self.keepalive = keepalive
        self.cancellation = cancellation
        grpc = GRPCClient(targets: targets, tls: tls, configuration, keepalive: keepalive, cancellation: cancellation)
    }

    /// Makes a client in clear text for the endpoints of a connection string, or one that trusts what the host trusts where these begin
    /// with `https://`; see `Endpoint.list(_:)`.
    ///
    /// - Throws: `.invalidConfiguration`, naming the bad endpoint.
    public convenience init(connectionString: String) throws(EtcdError) {
        try self.init(EtcdConfiguration(endpoints: Endpoint.list(connectionString)))
    }

    /// Makes the channels anew when the TLS files have changed since they were made, and returns whether that was so.
    func renewChannelsOfChangedFiles() -> Bool {
        // Files that are being replaced may not go together; the ones that did are good for another try.
        guard tls != nil, let present = try? TLSCredentials(configuration.tls), present != tls else { return false }
        tls = present
        renewChannels()
        return true
    }

    /// Leaves a target that failed for the next one.
    func leave(_ target: Int, after failure: CallFailure) {
        current = nil
        preferred = (target + 1) % targets.count
        // gRPC would take the same connection again: one on which nothing is heard may be dead, and behind a name there may be
        // other members.
        if failure.code == .timedOut || targets[target].needsResolving && failure.connectFailure == nil {
            renewChannels()
        }
    }

    private func renewChannels() {
        grpc = GRPCClient(targets: targets, tls: tls, configuration, keepalive: keepalive, cancellation: cancellation)
        current = nil
        race = nil
    }
}
