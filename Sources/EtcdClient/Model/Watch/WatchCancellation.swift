/// Why a watch has ended without being told to.
public enum WatchCancellation: Hashable, Sendable {
    /// The next revision to be delivered has been compacted: events are lost. `revision` is the first that can be watched.
    ///
    /// To go on, read the range and add a watch that starts behind the revision of that answer's header.
    case compacted(revision: Int64)
    /// The server does not permit the watch, or can't do it.
    case refused(EtcdError)
}
