extension EtcdClient {
    /// The calls about the cluster's members.
    public var cluster: ClusterService { ClusterService(client: self) }
}

/// The cluster's members (etcd API, service Cluster).
///
/// Members are known by their identifiers. The client goes on with the endpoints of its configuration, whatever changes.
public struct ClusterService {
    let client: EtcdClient

    /// Returns the members.
    ///
    /// etcd 3.4 and earlier answer with the member's own view, possibly stale, whatever the consistency.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func members(
        consistency: RangeRequest.Consistency = .linearizable,
        deadline: Deadline
    ) throws(EtcdError) -> [Member] {
        let request = MemberListRequest(consistency: consistency)
        let response: MembersResponse =
            try client.call(
                "/etcdserverpb.Cluster/MemberList",
                request,
                effect: .read,
                requiresLeader: consistency == .linearizable,
                deadline: deadline
            )
        return response.members
    }

    /// Adds a member, which is to be started afterwards.
    ///
    /// A learner only follows until it is promoted. Any other new member counts for the majority from now on, started or
    /// not.
    ///
    /// - Throws: `.server` with `.peerURLExists`, `.memberExists`, `.badMemberURLs`, `.tooManyLearners`,
    ///   `.notEnoughStartedMembers` or `.unhealthy`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func addMember(
        peerURLs: [String],
        asLearner: Bool = false,
        deadline: Deadline
    ) throws(EtcdError) -> MemberAddResponse {
        let request = MemberAddRequest(peerURLs: peerURLs, isLearner: asLearner)
        return try client.call("/etcdserverpb.Cluster/MemberAdd", request, effect: .write, deadline: deadline)
    }

    /// Removes a member, and returns those that remain.
    ///
    /// The server refuses it with `.unhealthy` while those that have been connected for five seconds are too few to go on.
    ///
    /// - Throws: `.server(.memberNotFound)`, `.server(.notEnoughStartedMembers)`, `.server(.unhealthy)`; otherwise as
    ///   `EtcdClient.put(_:deadline:)`.
    @discardableResult
    public func removeMember(_ id: UInt64, deadline: Deadline) throws(EtcdError) -> [Member] {
        try change("/etcdserverpb.Cluster/MemberRemove", MemberIDRequest(id: id), deadline)
    }

    /// Gives a member other peer URLs, and returns all members.
    ///
    /// - Throws: `.server(.memberNotFound)`, `.server(.peerURLExists)`, `.server(.badMemberURLs)`; otherwise as
    ///   `EtcdClient.put(_:deadline:)`.
    @discardableResult
    public func updateMember(
        _ id: UInt64,
        peerURLs: [String],
        deadline: Deadline
    ) throws(EtcdError) -> [Member] {
        try change("/etcdserverpb.Cluster/MemberUpdate", MemberUpdateRequest(id: id, peerURLs: peerURLs), deadline)
    }

    /// Gives a learner a vote, and returns all members.
    ///
    /// - Throws: `.server(.learnerNotReady)` until it has caught up with the leader; `.server(.memberNotFound)`,
    ///   `.server(.memberNotLearner)`; otherwise as `EtcdClient.put(_:deadline:)`.
    @discardableResult
    public func promoteMember(_ id: UInt64, deadline: Deadline) throws(EtcdError) -> [Member] {
        try change("/etcdserverpb.Cluster/MemberPromote", MemberIDRequest(id: id), deadline)
    }

    private func change(
        _ method: String,
        _ request: some ProtobufEncodable,
        _ deadline: Deadline
    ) throws(EtcdError) -> [Member] {
        let response: MembersResponse = try client.call(method, request, effect: .write, deadline: deadline)
        return response.members
    }
}
