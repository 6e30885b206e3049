/// A read of keys (etcd API, KV.Range).
public struct RangeRequest: Hashable, Sendable {
    /// Who answers a read.
    public enum Consistency: Hashable, Sendable {
        /// The cluster: the answer reflects every write acknowledged before the read began.
        case linearizable
        /// The member that is asked: cheaper, and possibly stale without bound.
        case serializable
    }

    /// What is returned of the keys.
    public enum Projection: Hashable, Sendable {
        /// Everything.
        case keysAndValues
        /// Everything but the values.
        case keysOnly
        /// How many there are.
        case countOnly
    }

    /// What the keys are sorted by.
    public enum SortTarget: Hashable, Sendable {
        /// By key, byte by byte.
        case key
        /// By version.
        case version
        /// By the revision of their creation.
        case createRevision
        /// By the revision of their last write.
        case modRevision
        /// By value, byte by byte.
        case value
    }

    /// How the keys are sorted.
    ///
    /// The server sorts all matching keys before it applies the limit, at their full cost.
    public enum Order: Hashable, Sendable {
        /// By key, ascending, at no cost.
        case byKey
        /// The least first.
        case ascending(SortTarget)
        /// The greatest first.
        case descending(SortTarget)
    }

    /// The keys to read.
    public var range: KeyRange
    /// At most so many keys are returned; 0 means all.
    ///
    /// The server counts to the end of the range all the same.
    public var limit: Int64 = 0
    /// The revision to read at; 0 means the newest.
    public var revision: Int64 = 0
    /// Only keys last changed at this revision or later are returned; 0 sets no bound.
    ///
    /// These four filters cost the server a read of the whole range, whatever the limit. It counts the keys that they leave
    /// out all the same.
    public var minModRevision: Int64 = 0
    /// Only keys last changed at this revision or earlier are returned; 0 sets no bound.
    public var maxModRevision: Int64 = 0
    /// Only keys that came into being at this revision or later are returned; 0 sets no bound.
    public var minCreateRevision: Int64 = 0
    /// Only keys that came into being at this revision or earlier are returned; 0 sets no bound.
    public var maxCreateRevision: Int64 = 0
    /// Who answers.
    public var consistency = Consistency.linearizable
    /// What is returned.
    public var projection = Projection.keysAndValues
    /// The order of the result.
    public var order = Order.byKey

    /// Makes a linearizable read of keys and values at the newest revision.
    public init(_ range: KeyRange) {
        self.range = range
    }

    /// Makes a read at the newest revision.
    public init(
        _ range: KeyRange,
        limit: Int64 = 0,
        consistency: Consistency = .linearizable,
        projection: Projection = .keysAndValues
    ) {
        self.range = range
        self.limit = limit
        self.consistency = consistency
        self.projection = projection
    }
}
