/// A request that is about one member.
///
/// The messages MemberRemoveRequest, MemberPromoteRequest and MoveLeaderRequest of the etcd API are alike.
struct MemberIDRequest: Hashable {
    let id: UInt64
}
