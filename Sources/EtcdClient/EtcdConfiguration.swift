/// Which etcd a client talks to, and how patiently.
public struct EtcdConfiguration: Hashable, Sendable {
    /// In which order endpoints are tried.
    public enum EndpointOrder: Hashable, Sendable {
        /// As given, so that the first one serves while it is well.
        case asGiven
        /// In an order of chance for each client, so that many clients spread over the members.
        case shuffled
    }

    /// The endpoints; at least one.
    public var endpoints: [Endpoint]
    /// The order in which they are tried.
    public var endpointOrder = EndpointOrder.shuffled
    /// How long one attempt to connect may take.
    public var connectTimeout = Duration.seconds(2)
    /// How long one request may take, whatever time is left until the call's deadline.
    public var requestTimeout = Duration.seconds(10)
    /// After how long without a connection the next endpoint is tried beside the ones before.
    public var stagger = Duration.milliseconds(250)
    /// How long a request that certainly was not applied is repeated after its first failure.
    public var retryTimeout = Duration.seconds(3)

    /// Makes a configuration with the default patience.
    public init(endpoints: [Endpoint]) {
        self.endpoints = endpoints
    }
}
