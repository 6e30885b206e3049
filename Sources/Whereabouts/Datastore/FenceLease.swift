internal import IPAM

/// A lease that many fences share, so that a DEL need not make one of its own.
///
/// Its identifier follows from the time and the attachment, so that every node finds it without asking. Several of one time share the
/// attachments out, because etcd deletes all keys of a lease in one transaction.
struct FenceLease {
    /// For how many seconds one lease takes new fences.
    private static let period: Int64 = 600
    /// For how many seconds it lives: a fence stands ten minutes at least, longer than a member can hold a request back that its
    /// client has given up, also where the clocks of two nodes are five minutes apart.
    static let timeToLive: Int64 = 1500
    /// How many leases take the fences of one time.
    private static let shardCount: Int64 = 64
    /// What the identifiers begin with, so that they are nobody else's: etcd's own are made of a member's and a time.
    private static let base: Int64 = 0x5762_0000_0000_0000

    /// The lease's identifier.
    let id: Int64

    /// The lease for a fence that is written now.
    init(_ attachment: Attachment, now: Int64 = Timestamp.secondsNow) {
        var hash = FNV1a()
        hash.add(attachment.containerID)
        hash.add("/")
        hash.add(attachment.interfaceName)
        let period = max(0, min(now, 1 << 40)) / Self.period
        id = Self.base + period * Self.shardCount + hash.value(below: Self.shardCount)
    }
}
