extension EtcdClient {
    /// The calls that look after a member.
    public var maintenance: MaintenanceService { MaintenanceService(client: self) }
}

/// Care for one member (etcd API, service Maintenance).
///
/// Except for alarms, which are the cluster's, each call is about the member that serves. Make a client of one endpoint to
/// choose the member.
public struct MaintenanceService {
    let client: EtcdClient

    /// Returns how the member is.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func status(deadline: Deadline) throws(EtcdError) -> StatusResponse {
        try client.call(
            "/etcdserverpb.Maintenance/Status",
            EmptyRequest(),
            effect: .read,
            requiresLeader: false,
            deadline: deadline
        )
    }

    /// Returns the alarms of all members.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func alarms(deadline: Deadline) throws(EtcdError) -> [Alarm] {
        let response: AlarmResponse =
            try client.call(
                "/etcdserverpb.Maintenance/Alarm",
                AlarmRequest.list,
                effect: .read,
                requiresLeader: false,
                deadline: deadline
            )
        return response.alarms
    }

    /// Ends an alarm, and returns whether it was raised.
    ///
    /// Remove its cause first, or it is raised again.
    ///
    /// - Throws: As `EtcdClient.put(_:deadline:)`.
    @discardableResult
    public func disarm(_ alarm: Alarm, deadline: Deadline) throws(EtcdError) -> Bool {
        let request = AlarmRequest.disarm(alarm)
        let response: AlarmResponse =
            try client.call("/etcdserverpb.Maintenance/Alarm", request, effect: .write, deadline: deadline)
        return response.alarms.contains(alarm)
    }

    /// Gives the free pages of the member's database back to the file system.
    ///
    /// Meanwhile the member answers nothing else. Only the deadline bounds the call; the error is `.outcomeUnknown` when it
    /// passes, and the member goes on.
    ///
    /// - Throws: As `EtcdClient.put(_:deadline:)`.
    public func defragment(deadline: Deadline) throws(EtcdError) {
        let _: EmptyResponse =
            try client.call(
                "/etcdserverpb.Maintenance/Defragment",
                EmptyRequest(),
                effect: .write,
                requiresLeader: false,
                patience: .deadline,
                deadline: deadline
            )
    }

    /// Returns a checksum of all keys up to a revision; 0 means the newest.
    ///
    /// - Throws: `.server(.compacted)`, `.server(.futureRevision)`; otherwise as `EtcdClient.range(_:deadline:)`.
    public func hashKV(revision: Int64 = 0, deadline: Deadline) throws(EtcdError) -> HashKVResponse {
        let request = HashKVRequest(revision: revision)
        return try client.call(
            "/etcdserverpb.Maintenance/HashKV",
            request,
            effect: .read,
            patience: .deadline,
            deadline: deadline
        )
    }

    /// Makes another member the leader.
    ///
    /// Only the leader can; a client of several endpoints looks for it among them.
    ///
    /// - Throws: `.server(.notLeader)` when none of them is the leader's; `.server(.badLeaderTransferee)`; otherwise as
    ///   `EtcdClient.put(_:deadline:)`.
    public func moveLeader(to id: UInt64, deadline: Deadline) throws(EtcdError) {
        let request = MemberIDRequest(id: id)
        let _: EmptyResponse =
            try client.call("/etcdserverpb.Maintenance/MoveLeader", request, effect: .write, deadline: deadline)
    }
}
