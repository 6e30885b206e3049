/// Which etcd a client talks to, as whom, and how patiently.
public struct EtcdConfiguration: Hashable, Sendable {
    /// In which order endpoints are tried.
    public enum EndpointOrder: Hashable, Sendable {
        /// As given, so that the first one serves while it is well.
        case asGiven
        /// In an order of chance for each client, so that many clients spread over the members.
        case shuffled
    }

    /// The parts of a configuration, for the errors that name one.
    public enum Field: Hashable, Sendable {
        /// `EtcdConfiguration.endpoints`.
        case endpoints
        /// `TLSConfiguration.caFile`.
        case caFile
        /// `TLSConfiguration.certificateFile`.
        case certificateFile
        /// `TLSConfiguration.keyFile`.
        case keyFile
        /// `EtcdConfiguration.user`.
        case user
    }

    /// The endpoints; at least one, and all in clear text or all over TLS.
    public var endpoints: [Endpoint]
    /// The files for TLS; with none the endpoints' scheme decides whether TLS is spoken.
    public var tls = TLSConfiguration()
    /// As whom to authenticate (etcd API, Auth.Authenticate); nil where etcd demands no user, or takes the client certificate's
    /// common name as one.
    public var user: UserCredentials?
    /// Where tokens are kept beyond the end of the process; nil to authenticate in every process.
    public var tokenCache: TokenCache?
    /// Whether a member that knows of no leader refuses calls at once, so that they go to another one; without it such a member
    /// answers serializable reads from its past, and lets other calls wait for seconds.
    public var requiresLeader = true
    /// The order in which the endpoints are tried.
    public var endpointOrder = EndpointOrder.shuffled
    /// How long one attempt to connect may take.
    public var connectTimeout = Duration.seconds(2)
    /// How long the DNS may take to resolve an endpoint's name, before the time to connect.
    ///
    /// A DNS server that is down costs five seconds until the next one of /etc/resolv.conf is asked.
    public var resolveTimeout = Duration.seconds(6)
    /// How long one request may take, whatever time is left until the call's deadline.
    public var requestTimeout = Duration.seconds(5)
    /// After how long without a connection the next endpoint is tried beside the ones before.
    public var stagger = Duration.milliseconds(250)
    /// How long a request that certainly was not applied is repeated after its first failure.
    public var retryTimeout = Duration.seconds(3)
    /// How the connections of streams are probed; those of other calls are not.
    public var keepalive = Keepalive()

    /// Makes a configuration without TLS files and user, with the default patience.
    public init(endpoints: [Endpoint]) {
        self.endpoints = endpoints
    }
}
