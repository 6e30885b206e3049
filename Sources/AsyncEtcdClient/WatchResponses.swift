public import EtcdClient

/// What comes of watches, one response after the other.
///
/// It is a description: each iteration begins the watches anew. It ends when the last of them has ended, see
/// `WatchResponse.Content.canceled`, and when its task is canceled. Outages are survived as `Watcher` survives them.
///
/// A response is fetched from the server when it is asked for. A slow reader holds the server up and nothing piles up here; one that
/// takes longer than `Keepalive.timeout` may lose the connection, which is made again where it ended.
public struct WatchResponses: AsyncSequence, Sendable {
    /// An element is a response of one of the watches.
    public typealias Element = WatchResponse
    /// What an iteration fails with.
    public typealias Failure = EtcdError

    let configuration: EtcdConfiguration
    let requests: [WatchRequest]
    let onInterruption: (@Sendable (EtcdError?) -> Void)?

    /// How soon an interruption is told.
    private static let patience = Duration.seconds(1)

    /// Begins the watches with the first response that is asked for.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            pump: PumpOwner(
                Pump(ahead: false) { [self] cancellation throws(EtcdError) in
                    let watcher = try Watcher(configuration, cancellation: cancellation)
                    for request in requests {
                        watcher.add(request)
                    }
                    guard let onInterruption else {
                        return { () throws(EtcdError) in
                            watcher.watchIDs.isEmpty ? nil : try watcher.next(deadline: .never)
                        }
                    }
                    var told: EtcdError.Code?
                    return { () throws(EtcdError) in
                        while !watcher.watchIDs.isEmpty {
                            let response = try watcher.next(deadline: .after(Self.patience))
                            let interruption = watcher.interruption
                            if interruption?.code != told {
                                told = interruption?.code
                                onInterruption(interruption)
                            }
                            if let response { return response }
                        }
                        return nil
                    }
                }
            )
        )
    }

    /// One iteration; it belongs to one task at a time.
    public struct Iterator: AsyncIteratorProtocol {
        let pump: PumpOwner<WatchResponse>

        /// The next response; nil at the end and when the task is canceled.
        ///
        /// - Throws: What ends all watches and will not pass, see `Watcher.next(deadline:)`.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EtcdError) -> WatchResponse? {
            try await pump.next()
        }
    }
}
