/// A piece of the store's file (etcd API, message SnapshotResponse).
///
/// etcd 3.4 sends it without a header.
struct SnapshotMessage: Hashable {
    let header: ResponseHeader?
    /// The bytes of the file that follow.
    let remaining: UInt64
    let blob: [UInt8]
}
