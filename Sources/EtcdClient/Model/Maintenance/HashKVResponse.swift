/// A checksum of what a member stores (etcd API, message HashKVResponse).
///
/// Those of two members can be compared when they are of the same revision, and both members were compacted at the same.
public struct HashKVResponse: Hashable, Sendable {
    /// About the member that answered; the revision is that of its store.
    public let header: ResponseHeader
    /// The checksum.
    public let hash: UInt32
    /// The revision of the last compaction; -1 when there was none.
    public let compactRevision: Int64
}
