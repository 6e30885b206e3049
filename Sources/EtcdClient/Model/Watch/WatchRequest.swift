/// What to watch (etcd API, message WatchCreateRequest).
public struct WatchRequest: Hashable, Sendable {
    /// The keys to watch.
    public var range: KeyRange
    /// The first revision whose events are wanted.
    ///
    /// 0 means from now on: the first revision behind the one that the member knows when it creates the watch. A revision of the
    /// future is waited for; one that was compacted ends the watch, see `WatchCancellation.compacted(revision:)`.
    public var startRevision: Int64
    /// The kinds of events that are left out.
    public var filters: Set<WatchEvent.Kind> = []
    /// Whether events carry the key as it was before, where the store still knows it.
    public var returnsPrevious = false
    /// Whether the server sends a response without events now and then, when nothing happens.
    ///
    /// Each one moves the revision on from which the watch is resumed, so that compaction does not overtake a watch of keys that
    /// are rarely changed. etcd sends it after 10 minutes without events (`--experimental-watch-progress-notify-interval`).
    public var notifiesProgress = false
    /// Whether the server may split a response that is larger than its `--max-request-bytes`.
    ///
    /// The parts are put together here: a response is whole in any case.
    public var allowsFragments = false

    /// Makes a watch of all events of the range.
    public init(_ range: KeyRange, startRevision: Int64 = 0) {
        self.range = range
        self.startRevision = startRevision
    }
}
