/// A question for a member's checksum (etcd API, Maintenance.HashKV).
struct HashKVRequest: Hashable {
    let revision: Int64
}
