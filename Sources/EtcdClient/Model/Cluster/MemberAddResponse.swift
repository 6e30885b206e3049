/// A member that was added (etcd API, message MemberAddResponse).
public struct MemberAddResponse: Hashable, Sendable {
    /// About the member that answered.
    public let header: ResponseHeader
    /// The new member.
    public let member: Member
    /// All members, the new one among them.
    public let members: [Member]
}
