/// Watches keys: any number of watches over one connection of its own, synchronous (etcd API, service Watch).
///
/// A watcher belongs to one thread at a time, and works while that thread is in `next(deadline:)`. What nobody asks for stays with
/// the server.
///
/// It survives whatever may pass: a broken connection, a member that stopped, was frozen, or lost its leader. Every watch
/// then goes on behind the last response delivered, on another endpoint if there is one. No event is lost, and none comes twice.
///
///     let watcher = try Watcher(configuration)
///     let id = watcher.add(WatchRequest(.prefix("greetings/")))
///     while let response = try watcher.next(deadline: .after(.seconds(60))) {
///         for event in response.events { … }
///     }
public final class Watcher {
    /// What is known of one watch.
    private struct Watch {
        let request: WatchRequest
        /// The first revision that was not delivered yet; 0 while the server has not said where "now" is.
        var nextRevision: Int64
        /// The identifier that the server of the present call gave it.
        var serverID: Int64?
        var isAnnounced = false
        /// The events of a response that has not come whole yet.
        var fragments: [WatchEvent] = []
        /// How often it was refused, each time with a token of its own.
        var refusals = 0
    }

    /// What is to be said to the server.
    private enum Command {
        case create(WatchID)
        case cancel(serverID: Int64)
        case progress
    }

    /// How many tokens a watch may be refused with: a member that was just restarted may not know one yet.
    private static let tokensPerWatch = 2

    private let stream: ReconnectingStream
    private var watches: [WatchID: Watch] = [:]
    private var lastNumber: Int64 = 0
    private var commands: ArraySlice<Command> = []
    /// The watches that the server was told to create: it answers in their order.
    private var creations: ArraySlice<WatchID> = []
    private var idOfServerID: [Int64: WatchID] = [:]
    private var awaitsProgress = false

    /// Makes a watcher without watches; nothing is connected yet.
    ///
    /// - Throws: `.invalidConfiguration`.
    public init(
        _ configuration: EtcdConfiguration,
        cancellation: Cancellation = Cancellation()
    ) throws(EtcdError) {
        stream = try ReconnectingStream("/etcdserverpb.Watch/Watch", configuration, cancellation)
    }

    /// Why no response can come at present; nil while the connection is well.
    ///
    /// A watcher goes on trying for as long as `next(deadline:)` is called.
    public var interruption: EtcdError? {
        stream.interruption
    }

    /// The watches that have not ended.
    public var watchIDs: [WatchID] {
        watches.keys.sorted()
    }

    /// Adds a watch.
    ///
    /// Nothing is sent before the next `next(deadline:)`; a response `created` tells that the watch stands.
    @discardableResult
    public func add(_ request: WatchRequest) -> WatchID {
        lastNumber += 1
        let id = WatchID(number: lastNumber)
        watches[id] = Watch(request: request, nextRevision: request.startRevision)
        commands.append(.create(id))
        return id
    }

    /// Ends a watch: no response of it is delivered from now on, not even one that is on its way.
    ///
    /// A watch that has ended already is left as it is.
    public func cancel(_ id: WatchID) {
        guard let watch = watches.removeValue(forKey: id), let serverID = watch.serverID else { return }
        idOfServerID[serverID] = nil
        commands.append(.cancel(serverID: serverID))
    }

    /// Asks how far the store is: a response `progress` without a watch follows.
    ///
    /// Its revision is that of the member. etcd before 3.4.25 and 3.5.8 may send it ahead of events up to that revision.
    public func requestProgress() {
        awaitsProgress = true
        commands.append(.progress)
    }

    /// Blocks until there is something to tell of a watch, and returns it; nil when the deadline passes first.
    ///
    /// Lost connections and silent members are no error, see `interruption`.
    ///
    /// - Throws: What ends all watches and will not pass, each time from then on: `.canceled`, `.server`, `.handshakeFailed`,
    ///   `.invalidConfiguration`, `.malformedReply`, `.rpc`.
    public func next(deadline: Deadline) throws(EtcdError) -> WatchResponse? {
        while true {
            sendCommands()
            switch try stream.blockingNext(deadline: deadline) {
            case .idle: return nil
            case .opened: createAll()
            case .sent: continue
            case .broken: continue
            case .message(let reply):
                if let response = try take(reply) { return response }
            }
        }
    }

    /// Begins with a new call, which knows of no watch.
    private func createAll() {
        creations = []
        idOfServerID = [:]
        for id in watches.keys {
            watches[id]?.serverID = nil
            watches[id]?.fragments = []
        }
        commands = watchIDs.map { .create($0) }[...]
        if awaitsProgress {
            commands.append(.progress)
        }
    }

    /// Sends what there is room for: a server that waits to be read reads nothing.
    private func sendCommands() {
        guard stream.isOpen else { return }
        while let command = commands.first {
            switch command {
            case .create(let id):
                if var request = watches[id]?.request, let revision = watches[id]?.nextRevision {
                    request.startRevision = revision
                    guard stream.send(WatchCommand.create(request).encoded()) else { return }
                    creations.append(id)
                }
            case .cancel(let serverID):
                guard stream.send(WatchCommand.cancel(watchID: serverID).encoded()) else { return }
            case .progress:
                guard stream.send(WatchCommand.progress.encoded()) else { return }
            }
            commands.removeFirst()
        }
    }

    /// Takes a message in; nil when it tells nothing.
    private func take(_ reply: consuming GRPCReply) throws(EtcdError) -> WatchResponse? {
        let message: WatchMessage
        do throws(MalformedReply) {
            message = try reply.response()
        } catch {
            throw stream.end(.malformed(error))
        }
        guard let header = message.header else { return nil }
        if message.isCreated {
            guard let id = creations.popFirst() else {
                throw stream.end(.malformed(MalformedReply(reason: "it tells of a watch that was not asked for")))
            }
            return message.isCanceled ? takeEnd(of: id, message, header) : takeCreation(of: id, message, header)
        }
        guard let id = idOfServerID[message.watchID] else {
            // The answer to a progress request is about no watch; anything else is of a watch that was canceled.
            guard message.watchID == -1, !message.isCanceled, message.events.isEmpty else { return nil }
            awaitsProgress = false
            return WatchResponse(watchID: nil, header: header, content: .progress)
        }
        return message.isCanceled ? takeEnd(of: id, message, header) : takeEvents(of: id, message, header)
    }

    private func takeCreation(of id: WatchID, _ message: WatchMessage, _ header: ResponseHeader) -> WatchResponse? {
        guard var watch = watches[id] else {
            // Canceled meanwhile.
            commands.append(.cancel(serverID: message.watchID))
            return nil
        }
        idOfServerID[message.watchID] = id
        watch.serverID = message.watchID
        watch.refusals = 0
        if watch.nextRevision == 0 {
            watch.nextRevision = header.revision + 1
        }
        let isNew = !watch.isAnnounced
        watch.isAnnounced = true
        watches[id] = watch
        guard isNew else { return nil }
        return WatchResponse(watchID: id, header: header, content: .created(startRevision: watch.nextRevision))
    }

    private func takeEvents(of id: WatchID, _ message: WatchMessage, _ header: ResponseHeader) -> WatchResponse? {
        guard var watch = watches[id] else { return nil }
        watch.fragments += message.events
        guard !message.isFragment else {
            watches[id] = watch
            return nil
        }
        let events = watch.fragments
        watch.fragments = []
        // The header's revision may lie behind events that are still to come; without events it does not.
        watch.nextRevision = max(watch.nextRevision, (events.last?.revision ?? header.revision) + 1)
        watches[id] = watch
        return WatchResponse(watchID: id, header: header, content: events.isEmpty ? .progress : .events(events))
    }

    private func takeEnd(of id: WatchID, _ message: WatchMessage, _ header: ResponseHeader) -> WatchResponse? {
        guard var watch = watches[id] else { return nil }
        if let serverID = watch.serverID.take() {
            idOfServerID[serverID] = nil
        }
        let cancellation: WatchCancellation
        if message.compactRevision != 0 {
            cancellation = .compacted(revision: message.compactRevision)
        } else {
            let failure = CallFailure(cancelReason: message.cancelReason)
            watch.refusals += 1
            watches[id] = watch
            if failure.isTransient {
                stream.reopen(after: failure)
                return nil
            }
            // etcd 3.4 says "permission denied" of an invalid token too.
            if failure.mayBeForTheToken, watch.refusals <= Self.tokensPerWatch, stream.reopenWithNewToken() {
                return nil
            }
            cancellation = .refused(EtcdError(failure.code, failure.message, advice: failure.advice))
        }
        watches[id] = nil
        return WatchResponse(watchID: id, header: header, content: .canceled(cancellation))
    }
}
