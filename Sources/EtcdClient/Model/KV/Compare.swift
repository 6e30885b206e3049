/// A condition of a transaction, on one key or on every key of a range (etcd API, message Compare).
///
/// A key that does not exist has version, create revision, mod revision and lease 0; a comparison of its value fails. Over a
/// range the condition must hold for each key that exists; a range without keys is judged like a key that does not exist.
public struct Compare: Hashable, Sendable {
    /// How the key's property and the given value must relate: the property stands on the left.
    public enum Relation: Hashable, Sendable {
        /// The key's is the same.
        case equal
        /// The key's is greater.
        case greater
        /// The key's is less.
        case less
        /// The key's is another one.
        case notEqual
    }

    /// The property and the value that it is compared with.
    public enum Operand: Hashable, Sendable {
        /// How often the key was written since it was created; 0 for a key that does not exist.
        case version(Int64)
        /// The revision at which the key was created; 0 for a key that does not exist.
        case createRevision(Int64)
        /// The revision of the last write of the key; 0 for a key that does not exist.
        case modRevision(Int64)
        /// The value, compared byte by byte; no comparison holds for a key that does not exist.
        case value([UInt8])
        /// The lease that the key is bound to; 0 for none.
        case lease(Int64)
    }

    /// The key or keys in question.
    public let range: KeyRange
    /// The relation that must hold.
    public let relation: Relation
    /// The property with the value on the right.
    public let operand: Operand

    /// Makes a condition on every key of a range.
    public init(_ range: KeyRange, _ relation: Relation, _ operand: Operand) {
        self.range = range
        self.relation = relation
        self.operand = operand
    }

    /// Makes a condition on one key.
    public init(_ key: Key, _ relation: Relation, _ operand: Operand) {
        self.init(.single(key), relation, operand)
    }

    /// The condition that the key does not exist.
    public static func isAbsent(_ key: Key) -> Compare {
        Compare(key, .equal, .createRevision(0))
    }

    /// The condition that the key exists and was last changed at `revision`.
    public static func isUnchanged(_ key: Key, since revision: Int64) -> Compare {
        Compare(key, .equal, .modRevision(revision))
    }
}
