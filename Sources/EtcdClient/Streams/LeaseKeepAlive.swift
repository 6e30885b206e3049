/// Keeps leases alive: any number of leases over one connection of its own, synchronous (etcd API, Lease.LeaseKeepAlive).
///
/// It belongs to one thread at a time, and renews while that thread is in `next(deadline:)`: call it again and again, not
/// less often than a third of the shortest lease. Each lease is renewed when a third of its time to live has passed.
///
/// A connection that breaks, or a member that does not answer within another third, is left for another one. Only when a lease's whole
/// time to live has passed without an answer is it given up.
///
///     let keepAlive = try LeaseKeepAlive(configuration)
///     keepAlive.add(lease)
///     while let response = try keepAlive.next(deadline: .after(.seconds(60))) { … }
public final class LeaseKeepAlive {
    /// What is known of one lease.
    private struct Lease {
        /// When to ask for the next renewal.
        var due = Deadline.now
        /// When the request went out that has no answer yet.
        var asked: Deadline?
        /// When it expires at the earliest; nil before the first answer.
        var expiry: Deadline?
        /// How long an answer may take.
        var patience: Duration

        /// Whether the answer is overdue.
        var hasWaitedTooLong: Bool {
            asked?.advanced(by: patience).hasPassed ?? false
        }

        /// When there is something to do, unless the server says something first.
        var nextMoment: Deadline {
            // What is due and was not sent waits for the connection.
            let request = asked?.advanced(by: patience) ?? (due.hasPassed ? .never : due)
            return min(request, expiry ?? .never)
        }
    }

    private let stream: ReconnectingStream
    private let firstPatience: Duration
    private var leases: [Int64: Lease] = [:]

    /// Makes one without leases; nothing is connected yet.
    ///
    /// - Throws: `.invalidConfiguration`.
    public init(
        _ configuration: EtcdConfiguration,
        cancellation: Cancellation = Cancellation()
    ) throws(EtcdError) {
        stream = try ReconnectingStream("/etcdserverpb.Lease/LeaseKeepAlive", configuration, cancellation)
        firstPatience = configuration.requestTimeout
    }

    /// Why no lease can be renewed at present; nil while the connection is well.
    public var interruption: EtcdError? {
        stream.interruption
    }

    /// The leases that are kept alive.
    public var leaseIDs: [Int64] {
        leases.keys.sorted()
    }

    /// Keeps a lease alive from now on: it is renewed at once, in the next `next(deadline:)`.
    ///
    /// A lease that is kept alive already is renewed too.
    public func add(_ id: Int64) {
        leases[id, default: Lease(patience: firstPatience)].due = .now
    }

    /// Lets a lease expire when its time has come.
    public func remove(_ id: Int64) {
        leases[id] = nil
    }

    /// Blocks until a lease was renewed or has come to its end, and returns that; nil when the deadline passes first.
    ///
    /// - Throws: What will not pass, each time from then on: `.canceled`, `.server`, `.handshakeFailed`, `.invalidConfiguration`,
    ///   `.malformedReply`, `.rpc`.
    public func next(deadline: Deadline) throws(EtcdError) -> LeaseKeepAliveResponse? {
        while true {
            if let id = leases.first(where: { $0.value.expiry?.hasPassed ?? false })?.key {
                leases[id] = nil
                return LeaseKeepAliveResponse(id: id, content: .unanswered)
            }
            sendRequests()
            let moment = leases.values.map(\.nextMoment).min() ?? .never
            switch try stream.blockingNext(deadline: min(deadline, moment)) {
            case .idle:
                if stream.isOpen, leases.values.contains(where: \.hasWaitedTooLong) {
                    stream.reopen(after: .noAnswer)
                    askAgain()
                }
                if deadline.hasPassed { return nil }
            case .opened: askAgain()
            case .sent: continue
            case .broken: askAgain()
            case .message(let reply):
                if let response = try take(reply) { return response }
            }
        }
    }

    /// What was asked in a call that is over gets no answer.
    private func askAgain() {
        for id in leases.keys {
            leases[id]?.asked = nil
        }
    }

    private func sendRequests() {
        guard stream.isOpen else { return }
        for (id, lease) in leases where lease.asked == nil && lease.due.hasPassed {
            let now = Deadline.now
            guard stream.send(LeaseKeepAliveRequest(id: id).encoded()) else { return }
            leases[id]?.asked = now
        }
    }

    /// Takes a message in; nil when it is of a lease that was removed.
    private func take(_ reply: consuming GRPCReply) throws(EtcdError) -> LeaseKeepAliveResponse? {
        let message: LeaseKeepAliveMessage
        do throws(MalformedReply) {
            message = try reply.response()
        } catch {
            throw stream.end(.malformed(error))
        }
        guard var lease = leases[message.id], let asked = lease.asked else { return nil }
        guard message.timeToLive > 0 else {
            leases[message.id] = nil
            return LeaseKeepAliveResponse(id: message.id, content: .notFound)
        }
        // Counted from the question: when the server renewed it is not known any better.
        let timeToLive = Duration.seconds(message.timeToLive)
        lease.asked = nil
        lease.due = asked.advanced(by: timeToLive / 3)
        lease.expiry = asked.advanced(by: timeToLive)
        lease.patience = min(timeToLive / 3, firstPatience)
        leases[message.id] = lease
        return LeaseKeepAliveResponse(id: message.id, content: .renewed(timeToLive: message.timeToLive))
    }
}
