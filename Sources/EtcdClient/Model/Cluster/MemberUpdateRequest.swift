/// New peer URLs of a member (etcd API, Cluster.MemberUpdate).
struct MemberUpdateRequest: Hashable {
    let id: UInt64
    let peerURLs: [String]
}
