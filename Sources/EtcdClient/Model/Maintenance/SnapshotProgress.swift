/// How far a snapshot is.
public struct SnapshotProgress: Hashable, Sendable {
    /// The bytes that were written.
    public let written: UInt64
    /// The bytes of the store that are still to come.
    public let remaining: UInt64
}
