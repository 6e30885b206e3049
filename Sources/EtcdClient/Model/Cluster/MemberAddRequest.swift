/// A new member (etcd API, Cluster.MemberAdd).
struct MemberAddRequest: Hashable {
    let peerURLs: [String]
    let isLearner: Bool
}
