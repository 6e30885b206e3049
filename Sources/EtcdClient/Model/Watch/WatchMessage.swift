/// A message of the Watch call as the server sends it (etcd API, message WatchResponse).
struct WatchMessage: Hashable {
    var header: ResponseHeader?
    var watchID: Int64
    var isCreated: Bool
    var isCanceled: Bool
    var compactRevision: Int64
    var cancelReason: String
    var isFragment: Bool
    var events: [WatchEvent]
}
