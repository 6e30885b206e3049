internal import EtcdClient

/// What came of a patch of a pool object.
enum PoolChange {
    /// It was applied; the version that it has made.
    case done(resourceVersion: String)
    /// The object is not as the patch expects it, or the server does not take the result; its words.
    case refused(String)
    /// Nobody knows.
    case unknown(DatastoreError)

    /// Whether the patch was applied.
    var isDone: Bool {
        if case .done = self { return true }
        return false
    }

    /// Whether the patch may have been applied.
    var isUnknown: Bool {
        if case .unknown = self { return true }
        return false
    }
}
