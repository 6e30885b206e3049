/// A key with its value and history, as the store returned it.
public struct KeyValue: Hashable, Sendable {
    /// The key.
    public let key: Key
    /// The value; empty when only keys were asked for.
    public let value: [UInt8]
    /// The revision at which the key came into being.
    public let createRevision: Int64
    /// The revision of the last change.
    public let modRevision: Int64
    /// The number of changes since the key came into being, 1 for a new one.
    public let version: Int64
    /// The lease that the key is attached to, 0 for none.
    public let lease: Int64
}
