/// What a `Watcher` has to tell of one of its watches (etcd API, message WatchResponse).
public struct WatchResponse: Hashable, Sendable {
    /// The kinds of responses.
    public enum Content: Hashable, Sendable {
        /// The watch stands, and delivers every event from this revision on. Told once for each watch.
        case created(startRevision: Int64)
        /// Events in the order of their revisions, at least one; all events of a revision come in one response.
        case events([WatchEvent])
        /// Nothing new up to the header's revision.
        case progress
        /// The watch has ended; nothing more comes of it.
        case canceled(WatchCancellation)
    }

    /// The watch; nil for the answer to `requestProgress`, which is about all watches.
    public let watchID: WatchID?
    /// About the member that answered.
    public let header: ResponseHeader
    /// What there is to tell.
    public let content: Content

    /// The events; none where the response has another content.
    public var events: [WatchEvent] {
        if case .events(let events) = content { events } else { [] }
    }
}
