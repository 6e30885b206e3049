internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A connection through a `MemberProxy`.
final class ProxiedConnection: Sendable {
    /// How one direction ended.
    private enum End: Sendable {
        /// Whoever speaks there said that nothing more will come.
        case finished
        /// With an error, or because it was cut.
        case broken
    }

    /// Who spoke last, and how often the client has answered the member.
    private struct Conversation {
        var isMemberSpeaking = false
        var turns = 0
    }

    /// For how long a connection that is to be cut stays open behind the first bytes that the client does not get: what the member
    /// said may have been a word of its protocol only, and the answer is yet to come.
    private static let grace = Duration.milliseconds(100)

    private let client: ProxiedSide
    private let orders: ProxyOrders
    private let turnToCut: Int
    private let conversation = Mutex(Conversation())

    /// Takes a connection of a client over.
    init(_ client: ProxiedSide, _ orders: ProxyOrders) {
        self.client = client
        self.orders = orders
        turnToCut = orders.nextTurnToCut()
    }

    /// Forwards until both directions have ended, or one has broken, or the task is canceled.
    func run(to host: String, _ port: Int) async {
        // Whatever fails has reset the connection.
        try? await client.channel.executeThenClose { fromClient, toClient in
            let member: ProxiedSide
            do {
                try await delay(since: .now)
                member = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .channelOption(.allowRemoteHalfClosure, value: true)
                    .connect(host: host, port: port) { channel in
                        channel.eventLoop.makeCompletedFuture { try ProxiedSide(channel) }
                    }
            } catch {
                return await client.reset()
            }
            try await member.channel.executeThenClose { fromMember, toMember in
                await withTaskGroup(of: End.self) { group in
                    group.addTask { await self.forward(fromClient, toMember) { self.noteClient() } }
                    group.addTask { await self.forward(fromMember, toClient) { await self.mayHearMember() } }
                    for await end in group where end == .broken {
                        await member.reset()
                        await client.reset()
                        group.cancelAll()
                    }
                }
            }
        }
    }

    /// Forwards one direction for as long as it may.
    private func forward(
        _ source: NIOAsyncChannelInboundStream<ProxiedSide.Arrival>,
        _ sink: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        while isAllowed: () async -> Bool
    ) async -> End {
        do {
            for try await arrival in source {
                guard await isAllowed() else { return .broken }
                try await delay(since: arrival.time)
                try await sink.write(arrival.bytes)
            }
            try Task.checkCancellation()
            try await delay(since: .now)
            sink.finish()
            return .finished
        } catch {
            return .broken
        }
    }

    private func delay(since time: ContinuousClock.Instant) async throws {
        guard let delay = orders.nextDelay() else { return }
        try await Task.sleep(until: time + delay, clock: .continuous)
    }

    private func noteClient() -> Bool {
        conversation.withLock { conversation in
            if conversation.isMemberSpeaking { conversation.turns += 1 }
            conversation.isMemberSpeaking = false
        }
        return true
    }

    /// Whether the client may hear what the member says; when not, returns when the connection is to end.
    private func mayHearMember() async -> Bool {
        let turns = conversation.withLock { conversation in
            conversation.isMemberSpeaking = true
            return conversation.turns
        }
        guard orders.conduct == .cutting, turns >= turnToCut else { return true }
        try? await Task.sleep(for: Self.grace)
        orders.countCut()
        return false
    }
}
