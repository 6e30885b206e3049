internal import EtcdLab

/// What an etcd has done, by its own counts.
struct EtcdWork {
    /// Calls that it was asked for, of every kind.
    let calls: Int
    /// Changes that its members agreed on: a transaction that could write is one, whether or not its comparisons hold.
    let proposals: Int

    /// Nothing.
    static let none = EtcdWork(calls: 0, proposals: 0)

    /// What was done between two moments.
    static func - (later: EtcdWork, earlier: EtcdWork) -> EtcdWork {
        EtcdWork(calls: later.calls - earlier.calls, proposals: later.proposals - earlier.proposals)
    }
}

extension EtcdServer {
    /// What the server has done so far.
    func work() throws -> EtcdWork {
        let metrics = try metrics()
        return EtcdWork(
            calls: metrics.sum(of: "grpc_server_started_total{"),
            proposals: metrics.sum(of: "etcd_server_proposals_committed_total ")
        )
    }
}
