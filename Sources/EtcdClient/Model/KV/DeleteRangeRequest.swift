/// A deletion of keys (etcd API, KV.DeleteRange).
///
/// Deleting what is not there is success.
public struct DeleteRangeRequest: Hashable, Sendable {
    /// The keys to delete.
    public var range: KeyRange
    /// Whether the response carries the deleted keys.
    public var returnsPrevious = false

    /// Makes a deletion of all keys in the range.
    public init(_ range: KeyRange) {
        self.range = range
    }
}
