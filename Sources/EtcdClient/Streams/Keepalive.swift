/// How a connection is probed while a stream lasts (HTTP/2 PING frames).
///
/// A member that was frozen or cut off says nothing. Without a probe the stream would wait for it forever.
public struct Keepalive: Hashable, Sendable {
    /// After how long a silence a ping is sent.
    ///
    /// etcd ends connections that ping more often than its `--grpc-keepalive-min-time`, 5 seconds by default.
    public var time = Duration.seconds(10)
    /// How long the answer may take until the connection counts as broken.
    ///
    /// While nobody waits for the stream, answers are read every 5 seconds only.
    public var timeout = Duration.seconds(10)

    /// Makes the default: a member that is gone is noticed after 20 seconds.
    public init() {}
}
