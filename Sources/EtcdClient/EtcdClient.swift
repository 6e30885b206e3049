/// A client of an etcd v3 cluster, synchronous: each call blocks its thread until it has an answer or its deadline passes.
///
/// One client belongs to one thread at a time. It connects when it is first used, and reconnects by itself.
///
///     let client = try EtcdClient(connectionString: "10.0.0.5:2379,10.0.0.6:2379")
///     try client.put(PutRequest("greeting", "hello"), deadline: .after(.seconds(5)))
public final class EtcdClient {
    let configuration: EtcdConfiguration
    let grpc: GRPCClient
    /// For each gRPC target the index of the endpoint that it reaches.
    let endpointOfTarget: [Int]
    /// The target that serves, as far as is known.
    var current: Int?
    /// The target that a race begins with: behind the one that failed last.
    var preferred = 0

    /// Makes a client; nothing is connected yet.
    ///
    /// - Throws: `.invalidConfiguration` when no endpoint is configured.
    public init(_ configuration: EtcdConfiguration) throws(EtcdError) {
        guard !configuration.endpoints.isEmpty else {
            throw EtcdError(.invalidConfiguration, "no etcd endpoint is configured")
        }
        self.configuration = configuration
        var order = Array(configuration.endpoints.indices)
        if configuration.endpointOrder == .shuffled {
            order.shuffle()
        }
        let hosts = HostsFile()
        var targets: [String] = []
        var endpointOfTarget: [Int] = []
        for index in order {
            for target in configuration.endpoints[index].targets(hosts: hosts) {
                targets.append(target)
                endpointOfTarget.append(index)
            }
        }
        self.endpointOfTarget = endpointOfTarget
        grpc = GRPCClient(targets: targets, connectTimeout: configuration.connectTimeout)
    }

    /// Makes a client for the endpoints of a connection string, see `Endpoint.list(_:)`.
    ///
    /// - Throws: `.invalidConfiguration`, naming the bad endpoint.
    public convenience init(connectionString: String) throws(EtcdError) {
        try self.init(EtcdConfiguration(endpoints: Endpoint.list(connectionString)))
    }
}
