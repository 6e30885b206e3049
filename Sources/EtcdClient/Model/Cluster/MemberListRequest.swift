/// A question for the members (etcd API, Cluster.MemberList).
struct MemberListRequest: Hashable {
    let consistency: RangeRequest.Consistency
}
