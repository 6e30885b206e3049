/// A call of both directions that is opened again, on another endpoint if need be, whenever it breaks.
///
/// It knows nothing of the messages. Its owner says them all again to each new call.
final class ReconnectingStream {
    /// What came of waiting.
    enum Event: ~Copyable {
        /// Nothing by the deadline.
        case idle
        /// A new call was opened, to which nothing has been said yet.
        case opened
        /// There is room to send another message.
        case sent
        /// The server's next message.
        case message(GRPCReply)
        /// The call is over; the next wait opens another one.
        case broken
    }

    private let client: EtcdClient
    private let cancellation: Cancellation
    private let method: String
    private var stream: GRPCStream?
    /// The target of the present call.
    private var target = 0
    /// Targets that are worth a call at once, because it tells why they can't be connected.
    private var candidates: [Int] = []
    /// What the candidates tried since the last race leave to hope for.
    private var outlook: CallFailure?
    private var attempts: CallAttempts
    private var pause = ReconnectPause()
    private var reopening = Deadline.now
    /// Whether the present token is a new one, and the server has said nothing to it yet.
    private var hasNewToken = false
    /// Why there is no call that works; nil once the server has said something.
    private(set) var interruption: EtcdError?
    /// What the stream was given up for.
    private var ending: EtcdError?

    /// Makes a stream with a connection of its own; nothing is connected yet.
    ///
    /// - Throws: `.invalidConfiguration`.
    init(_ method: String, _ configuration: EtcdConfiguration, _ cancellation: Cancellation) throws(EtcdError) {
        client = try EtcdClient(configuration, keepalive: configuration.keepalive, cancellation: cancellation)
        self.cancellation = cancellation
        self.method = method
        attempts = CallAttempts(configuration)
    }

    /// Whether a call is open.
    var isOpen: Bool {
        switch stream {
        case .some: true
        case .none: false
        }
    }

    /// Sends a message to the present call; false, with nothing done, while there is no room for it.
    func send(_ message: borrowing [UInt8]) -> Bool {
        stream?.send(message) ?? false
    }

    /// Blocks until something comes or the deadline passes; without a call, until one is open.
    ///
    /// - Throws: What will not pass by itself, from then on each time: `.canceled`, `.server`, `.handshakeFailed`,
    ///   `.invalidConfiguration`, `.malformedReply`, `.rpc`.
    func blockingNext(deadline: Deadline) throws(EtcdError) -> Event {
        if let ending { throw ending }
        if isOpen {
            return try receive(deadline: deadline)
        }
        let isOpen = try open(deadline: deadline)
        if cancellation.isCanceled { throw end(.canceled) }
        return isOpen ? .opened : .idle
    }

    /// Gives the present call up, to go on with another one.
    func reopen(after failure: CallFailure) {
        record(failure)
        leave(after: failure)
    }

    /// Opens another call with another token; false when there is none to be had.
    func reopenWithNewToken() -> Bool {
        guard client.dropToken() else { return false }
        stream = nil
        return true
    }

    /// Gives the stream up for good, and returns the error that every wait ends with from now on.
    func end(_ error: EtcdError) -> EtcdError {
        stream = nil
        ending = error
        return error
    }

    /// Gives the stream up for a failure that will not pass.
    func end(_ failure: CallFailure) -> EtcdError {
        record(failure)
        return end(attempts.error(failure.code, failure.message, advice: failure.advice))
    }

    private func record(_ failure: CallFailure) {
        attempts.record(endpoint: client.targets[target].endpoint, target: target, failure)
    }

    private func leave(after failure: CallFailure) {
        // Before the channels may be made anew: they must not find a call on them.
        stream = nil
        interruption = attempts.error(failure.code, failure.message, advice: failure.advice)
        client.leave(target, after: failure)
        if failure.connectFailure == nil {
            candidates = []
        }
        if candidates.isEmpty {
            reopening = .after(pause.next())
        }
    }

    private func receive(deadline: Deadline) throws(EtcdError) -> Event {
        switch stream?.blockingNext(deadline: deadline) {
        case nil:
            return .idle
        case .idle:
            return .idle
        case .sent:
            return .sent
        case .message(let reply):
            client.current = target
            attempts = CallAttempts(client.configuration)
            pause = ReconnectPause()
            interruption = nil
            hasNewToken = false
            return .message(reply)
        case .end(let reply):
            if cancellation.isCanceled { throw end(.canceled) }
            let failure = CallFailure(reply)
            if failure.demandsNewToken, !hasNewToken, reopenWithNewToken() {
                hasNewToken = true
                return .broken
            }
            try takeEnd(failure)
            return .broken
        }
    }

    /// Goes on after what ended the present call, or ends for good when nothing speaks for another one.
    private func takeEnd(_ failure: CallFailure) throws(EtcdError) {
        // Before the channels may be made anew: they must not find a call on them.
        stream = nil
        let isConnectFailure = failure.connectFailure != nil
        if isConnectFailure, client.renewChannelsOfChangedFiles() {
            candidates = []
            return
        }
        record(failure)
        let outlook = failure.following(outlook)
        self.outlook = outlook
        // One that can't be connected says nothing of those that have not been called yet.
        if !isConnectFailure || candidates.isEmpty {
            guard outlook.mayPassOnAnotherCall else {
                throw end(client.diagnosed(failure, &attempts, deadline: .never))
            }
            if failure.connectFailure == .disagreement, attempts.isFirstDisagreement(),
                let error = client.finalError(&attempts, deadline: .never)
            {
                throw end(error)
            }
        }
        leave(after: failure)
    }

    /// Opens a call on a target that is connected; false when there was none by the deadline.
    private func open(deadline: Deadline) throws(EtcdError) -> Bool {
        repeat {
            if candidates.isEmpty {
                client.blockingPause(until: min(deadline, reopening), orConnection: false)
                guard reopening.hasPassed, !cancellation.isCanceled else { return false }
                candidates = client.targetsToCall(.write, deadline: deadline, attempts: &attempts)
                outlook = nil
            }
            if candidates.isEmpty {
                if !deadline.hasPassed, !cancellation.isCanceled {
                    interrupt(attempts.error(.unreachable, "etcd can't be reached"))
                }
                continue
            }
            do throws(EtcdError) {
                let metadata = try client.callMetadata(deadline: deadline)
                target = candidates.removeFirst()
                stream = client.grpc.openStream(target: target, method: method, metadata: metadata)
                return true
            } catch {
                guard error.mayPass else { throw end(error) }
                interrupt(error)
            }
        } while !deadline.hasPassed && !cancellation.isCanceled
        return false
    }

    /// Notes why there is no call, and waits before the next one.
    private func interrupt(_ error: EtcdError) {
        interruption = error
        candidates = []
        reopening = .after(pause.next())
    }
}
