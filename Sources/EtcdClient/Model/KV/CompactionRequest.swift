/// A compaction of the store's history (etcd API, KV.Compact).
struct CompactionRequest: Hashable {
    let revision: Int64
    let physical: Bool
}
