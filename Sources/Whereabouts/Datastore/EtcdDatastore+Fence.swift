internal import EtcdClient
internal import IPAM

/// What keeps a claim whose outcome is unknown from being applied long after (docs/design/allocation.md, "Late claims").
extension EtcdDatastore {
    /// Refuses from now on every claim for an attachment that was built on an earlier view, and reads at the same moment.
    ///
    /// It is repeated until it is known to be done, since a fence of unknown outcome is none.
    ///
    /// - Parameters:
    ///   - attachment: The attachment.
    ///   - moment: When it was deleted; nil when it was not, or it is not known when. What another fence says of a later
    ///     deletion stays.
    ///   - requests: What to read.
    ///   - deadline: When to end in any case.
    /// - Returns: What was read; nil when etcd has no space for a fence.
    /// - Throws: `.etcd`.
    func fence(
        _ attachment: Attachment,
        deletedAt moment: NodeMoment.Uptime? = nil,
        reading requests: [RangeRequest] = [],
        deadline: Deadline
    ) throws(DatastoreError) -> [RangeResponse]? {
        let lease = FenceLease(attachment)
        let key = KeySpace.fence(attachment)
        let value = [UInt8](FenceMoment.text(moment).utf8)
        let new = TxnOperation.put(PutRequest(key, value, lease: lease.id))
        // An ADD does not hide from itself that a DEL has come meanwhile, nor an earlier DEL a later one.
        let kept = TxnOperation.put(PutRequest(key, nil as [UInt8]?, lease: lease.id))
        let update = TxnOperation.txn(Txn(if: FenceMoment.keeps(key, from: moment), then: [kept], else: [new]))
        let put = TxnOperation.txn(Txn(if: [.isAbsent(key)], then: [new], else: [update]))
        while true {
            do throws(DatastoreError) {
                let response = try commit(
                    Txn(then: [put] + requests.map { .range($0) }),
                    deadline: deadline
                )
                return response.results.compactMap { result in
                    guard case .range(let range) = result else { return nil }
                    return range
                }
            } catch .etcd(let error) where error.code == .server(.leaseNotFound) {
                guard try grant(lease, deadline: deadline) else { return nil }
            } catch {
                guard !error.isNoSpace else { return nil }
                guard error.leavesOutcomeUnknown, !deadline.hasPassed else { throw error }
            }
        }
    }

    /// Makes a lease unless another call has done so; false when etcd has no space for it.
    private func grant(_ lease: FenceLease, deadline: Deadline) throws(DatastoreError) -> Bool {
        while true {
            do throws(EtcdError) {
                _ = try client.lease.grant(timeToLive: FenceLease.timeToLive, id: lease.id, deadline: deadline)
                return true
            } catch {
                if error.code == .server(.leaseExists) { return true }
                if error.code == .server(.noSpace) { return false }
                guard error.code == .outcomeUnknown, !deadline.hasPassed else { throw .etcd(error) }
            }
        }
    }
}
