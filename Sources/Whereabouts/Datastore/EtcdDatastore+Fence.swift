internal import EtcdClient
internal import IPAM

/// What keeps a claim whose outcome is unknown from being applied long after (docs/design/allocation.md, "Late claims").
extension EtcdDatastore {
    /// How many seconds a fence stands: longer than a member can hold a request back that its client has given up.
    private static let fenceTime: Int64 = 600

    /// Refuses from now on every claim for an attachment that was built on an earlier view.
    ///
    /// - Throws: `.etcd`.
    func fence(_ attachment: Attachment, deadline: Deadline) throws(DatastoreError) {
        let lease: Int64
        do throws(EtcdError) {
            lease = try client.lease.grant(timeToLive: Self.fenceTime, deadline: deadline).id
        } catch {
            throw .etcd(error)
        }
        let put = PutRequest(KeySpace.fence(attachment), "", lease: lease)
        _ = try commit(Txn(then: [.put(put)]), deadline: deadline)
    }
}
