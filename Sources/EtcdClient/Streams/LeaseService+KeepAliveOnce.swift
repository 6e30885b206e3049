extension LeaseService {
    /// Renews a lease once, and returns how many seconds it lives from now on (etcd API, Lease.LeaseKeepAlive).
    ///
    /// - Throws: `.server(.leaseNotFound)` when there is no such lease; otherwise as `EtcdClient.range(_:deadline:)`.
    @discardableResult
    public func keepAliveOnce(_ lease: Int64, deadline: Deadline) throws(EtcdError) -> Int64 {
        var answer: LeaseKeepAliveMessage?
        try client.stream("/etcdserverpb.Lease/LeaseKeepAlive", LeaseKeepAliveRequest(id: lease), deadline: deadline) {
            reply throws(CallFailure) in
            do throws(MalformedReply) {
                answer = try reply.response()
            } catch {
                throw .malformed(error)
            }
            return true
        }
        guard let timeToLive = answer?.timeToLive, timeToLive > 0 else {
            let failure = CallFailure(.leaseNotFound)
            throw EtcdError(failure.code, failure.message, advice: failure.advice)
        }
        return timeToLive
    }
}
