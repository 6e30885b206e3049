/// A message of the Watch call as the client sends it (etcd API, message WatchRequest).
enum WatchCommand: Hashable {
    /// Creates a watch, for which the server chooses the identifier.
    case create(WatchRequest)
    /// Cancels a watch, by the server's identifier.
    case cancel(watchID: Int64)
    /// Asks how far the store is.
    case progress
}
