/// What a role may do with keys (etcd API, message Permission).
public struct Permission: Hashable, Sendable {
    /// What may be done.
    public enum Access: Hashable, Sendable {
        /// To read the keys, and to watch them.
        case read
        /// To write and delete the keys.
        case write
        /// Both.
        case readWrite
    }

    /// The keys.
    public let range: KeyRange
    /// What may be done with them.
    public let access: Access

    /// Makes a permission.
    public init(_ access: Access, of range: KeyRange) {
        self.range = range
        self.access = access
    }
}
