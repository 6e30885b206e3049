internal import EtcdClient
internal import IPTypes

/// A slice as it was read.
struct StoredSlice {
    let slice: NodeSlice
    let key: Key
    /// The revision of its last write.
    let revision: Int64

    init(_ keyValue: KeyValue) throws(DatastoreError) {
        slice = try NodeSlice(keyValue)
        key = keyValue.key
        revision = keyValue.modRevision
    }
}
