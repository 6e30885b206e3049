internal import Glibc
internal import NIOCore

/// One side of a connection through a `MemberProxy`.
struct ProxiedSide: Sendable {
    /// Bytes, and when they came.
    struct Arrival: Sendable {
        let bytes: ByteBuffer
        let time: ContinuousClock.Instant
    }

    private final class ArrivalHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = Arrival

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.fireChannelRead(wrapInboundOut(Arrival(bytes: unwrapInboundIn(data), time: .now)))
        }
    }

    /// What is read and written; reading stops while nobody takes what was read, and writing waits for the other end.
    let channel: NIOAsyncChannel<Arrival, ByteBuffer>

    /// Takes over a new channel, on its event loop.
    init(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(ArrivalHandler())
        self.channel = try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: NIOAsyncChannel.Configuration(isOutboundHalfClosureEnabled: true)
        )
    }

    /// Ends the connection with a reset, so that the other end knows that it was not meant to end.
    func reset() async {
        let options = channel.channel as? any SocketOptionProvider
        _ = try? await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.channel.close()
    }
}
