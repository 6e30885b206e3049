internal import CGRPCBridge

extension ResponseHeader {
    /// The header of an answer.
    ///
    /// No bytes are a valid message of any kind, in which nothing is set; only the header tells it from an answer of etcd.
    /// Only the answers to Alarm, Defragment and MoveLeader come without one.
    ///
    /// - Throws: `MalformedReply` where the message has none.
    init(required message: UnsafeMutablePointer<Etcdserverpb__ResponseHeader>?) throws(MalformedReply) {
        guard let header = unsafe Self(message) else {
            throw MalformedReply(reason: "it lacks the header that every answer of etcd has")
        }
        self = header
    }

    /// Nil where the message has none, as within a transaction's results.
    init?(_ message: UnsafeMutablePointer<Etcdserverpb__ResponseHeader>?) {
        guard let message = unsafe message else { return nil }
        clusterID = unsafe message.pointee.cluster_id
        memberID = unsafe message.pointee.member_id
        revision = unsafe message.pointee.revision
        raftTerm = unsafe message.pointee.raft_term
    }
}
