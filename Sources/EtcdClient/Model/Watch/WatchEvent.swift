/// One change of one key (etcd API, message Event).
public struct WatchEvent: Hashable, Sendable {
    /// The kinds of changes.
    public enum Kind: Hashable, Sendable {
        /// The key was written.
        case put
        /// The key was deleted, or its lease ended.
        case delete
    }

    /// What happened.
    public let kind: Kind
    /// The key after the change; of a deletion only its key and mod revision are set.
    public let keyValue: KeyValue
    /// The key before the change, when asked for, unless there was none or it has been compacted.
    public let previous: KeyValue?

    /// The key in question.
    public var key: Key {
        keyValue.key
    }

    /// The revision of the change.
    public var revision: Int64 {
        keyValue.modRevision
    }
}
