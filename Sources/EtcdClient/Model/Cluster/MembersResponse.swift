/// The members.
///
/// The messages MemberListResponse, MemberRemoveResponse, MemberUpdateResponse and MemberPromoteResponse of the etcd API
/// are alike.
struct MembersResponse: Hashable {
    let header: ResponseHeader
    let members: [Member]
}
