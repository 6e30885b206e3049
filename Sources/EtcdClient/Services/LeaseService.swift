extension EtcdClient {
    /// The calls about leases.
    public var lease: LeaseService { LeaseService(client: self) }
}

/// Leases, whose end deletes the keys that are attached to them (etcd API, service Lease).
///
///     let lease = try client.lease.grant(timeToLive: 60, deadline: deadline)
///     try client.put(PutRequest("worker/7", "here", lease: lease.id), deadline: deadline)
public struct LeaseService {
    let client: EtcdClient

    /// Makes a lease.
    ///
    /// - Parameters:
    ///   - timeToLive: The seconds, without a sign of life, after which it ends; the server may choose more.
    ///   - id: The lease's identifier; 0 lets the server choose.
    ///   - deadline: When to give up.
    /// - Returns: The lease.
    /// - Throws: `.server(.leaseExists)`, `.server(.leaseTTLTooLarge)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func grant(
        timeToLive: Int64,
        id: Int64 = 0,
        deadline: Deadline
    ) throws(EtcdError) -> LeaseGrantResponse {
        let request = LeaseGrantRequest(timeToLive: timeToLive, id: id)
        return try client.call("/etcdserverpb.Lease/LeaseGrant", request, effect: .write, deadline: deadline)
    }

    /// Ends a lease, and deletes the keys that are attached to it.
    ///
    /// - Throws: `.server(.leaseNotFound)`; otherwise as `EtcdClient.put(_:deadline:)`.
    @discardableResult
    public func revoke(_ id: Int64, deadline: Deadline) throws(EtcdError) -> ResponseHeader {
        let request = LeaseRevokeRequest(id: id)
        let response: HeaderResponse =
            try client.call("/etcdserverpb.Lease/LeaseRevoke", request, effect: .write, deadline: deadline)
        return response.header
    }

    /// Returns how long a lease lives, and on demand what is attached to it; nil when there is no such lease.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func timeToLive(
        of id: Int64,
        withKeys: Bool = false,
        deadline: Deadline
    ) throws(EtcdError) -> LeaseTimeToLiveResponse? {
        let request = LeaseTimeToLiveRequest(id: id, withKeys: withKeys)
        let response: LeaseTimeToLiveResponse =
            try client.call("/etcdserverpb.Lease/LeaseTimeToLive", request, effect: .read, deadline: deadline)
        // The time left may be 0 or less for a lease that is about to end, but none was granted without any.
        return response.granted > 0 ? response : nil
    }

    /// Returns the identifiers of all leases, in no order.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func leases(deadline: Deadline) throws(EtcdError) -> [Int64] {
        let response: LeaseLeasesResponse =
            try client.call("/etcdserverpb.Lease/LeaseLeases", EmptyRequest(), effect: .read, deadline: deadline)
        return response.ids
    }
}
