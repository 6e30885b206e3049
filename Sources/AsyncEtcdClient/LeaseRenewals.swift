public import EtcdClient

/// The renewals of a lease: for each one the seconds that the lease lives from then on.
///
/// The lease is renewed while an iteration lasts, whether or not its reader asks for the next element; a reader that is late finds
/// the last renewal only. The end of the iteration, and of its task, leaves the lease to expire.
public struct LeaseRenewals: AsyncSequence, Sendable {
    /// An element is the seconds that the lease lives.
    public typealias Element = Int64
    /// What an iteration fails with.
    public typealias Failure = EtcdError

    let configuration: EtcdConfiguration
    let lease: Int64

    /// Begins to renew the lease when the first element is asked for.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            pump: PumpOwner(
                Pump(ahead: true) { [self] cancellation throws(EtcdError) in
                    let keepAlive = try LeaseKeepAlive(configuration, cancellation: cancellation)
                    keepAlive.add(lease)
                    return { () throws(EtcdError) in
                        switch try keepAlive.next(deadline: .never)?.content {
                        case nil: return nil
                        case .renewed(let timeToLive): return timeToLive
                        case .notFound: throw .leaseNotFound
                        case .unanswered: throw .leaseUnanswered(keepAlive.interruption)
                        }
                    }
                }
            )
        )
    }

    /// One iteration; it belongs to one task at a time.
    public struct Iterator: AsyncIteratorProtocol {
        let pump: PumpOwner<Int64>

        /// The seconds that the lease lives; nil when the task is canceled.
        ///
        /// - Throws: `.server(.leaseNotFound)` when there is no such lease any more, `.timedOut` when it could not be renewed in
        ///   the time that it had to live, and what `LeaseKeepAlive.next(deadline:)` throws.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(EtcdError) -> Int64? {
            try await pump.next()
        }
    }
}

extension EtcdError {
    fileprivate static var leaseNotFound: EtcdError {
        EtcdError(.server(.leaseNotFound), "the lease does not exist any more")
    }

    fileprivate static func leaseUnanswered(_ cause: EtcdError?) -> EtcdError {
        EtcdError(
            .timedOut,
            "the lease could not be renewed in its time to live",
            attempts: cause?.attempts ?? [],
            elapsed: cause?.elapsed ?? .zero,
            advice: cause?.advice
        )
    }
}
