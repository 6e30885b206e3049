/// A write of one key (etcd API, KV.Put).
public struct PutRequest: Hashable, Sendable {
    /// The key to write.
    public var key: Key
    /// The new value; nil keeps the present one and only advances the key's revision (`ignore_value`).
    public var value: [UInt8]?
    /// The lease to attach the key to, 0 for none; nil keeps the present one (`ignore_lease`).
    public var lease: Int64?
    /// Whether the response carries the key as it was before.
    public var returnsPrevious = false

    /// Makes a write of raw bytes, attached to no lease.
    public init(_ key: Key, _ value: [UInt8]?, lease: Int64? = 0) {
        self.key = key
        self.value = value
        self.lease = lease
    }

    /// Makes a write of a text's UTF-8 bytes, attached to no lease.
    public init(_ key: Key, _ value: String, lease: Int64? = 0) {
        self.init(key, Array(value.utf8), lease: lease)
    }
}
