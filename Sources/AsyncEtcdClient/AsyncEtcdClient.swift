public import EtcdClient

/// The streams of etcd for Swift concurrency: asynchronous sequences over `Watcher` and `LeaseKeepAlive`.
///
///     let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list("10.0.0.5:2379,10.0.0.6:2379")))
///     for try await response in etcd.watch(WatchRequest(.prefix("greetings/"))) {
///         for event in response.events { … }
///     }
///
/// Each iteration has a connection and a thread of its own, which blocks so that no thread of the concurrency runtime does. Both
/// end when the iteration does, and at once when its task is canceled.
public struct AsyncEtcdClient: Sendable {
    /// What iterations connect to.
    public let configuration: EtcdConfiguration

    /// Makes a client; nothing is connected yet.
    public init(_ configuration: EtcdConfiguration) {
        self.configuration = configuration
    }

    /// Watches keys, with one or more watches over one connection.
    ///
    /// The watches are numbered from 1 in the order given, see `WatchID.number`.
    ///
    /// `onInterruption` is told why nothing can come at present, from the first attempt to connect on, and nil once that is over. It is
    /// called on the iteration's own thread, which it holds up.
    public func watch(
        _ requests: WatchRequest...,
        onInterruption: (@Sendable (EtcdError?) -> Void)? = nil
    ) -> WatchResponses {
        watch(requests, onInterruption: onInterruption)
    }

    /// Watches keys, with any number of watches over one connection.
    public func watch(
        _ requests: [WatchRequest],
        onInterruption: (@Sendable (EtcdError?) -> Void)? = nil
    ) -> WatchResponses {
        WatchResponses(configuration: configuration, requests: requests, onInterruption: onInterruption)
    }

    /// Keeps a lease alive for as long as the sequence is iterated.
    public func keepAlive(_ lease: Int64) -> LeaseRenewals {
        LeaseRenewals(configuration: configuration, lease: lease)
    }

    /// Runs synchronous calls with a client of their own, on a thread of their own, and returns when they are done.
    ///
    /// Each run connects anew, so calls that belong together are best made in one. That the task is canceled does not interrupt them:
    /// their deadlines do.
    ///
    ///     let value = try await etcd.withClient { try $0.get("greeting", deadline: .after(.seconds(5))) }
    ///
    /// - Throws: What `body` throws; `EtcdError` with `.invalidConfiguration`.
    @discardableResult
    public func withClient<Value: Sendable>(
        _ body: @escaping @Sendable (EtcdClient) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            BlockingThread.start { [configuration] in
                continuation.resume(with: Result { try body(EtcdClient(configuration)) })
            }
        }
    }
}
