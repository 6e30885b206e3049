internal import AllocationHistory
internal import CNI
internal import EtcdLab

extension Bench {
    /// An ADD into a pool of which more and more is taken.
    func fill(_ figures: inout Figures) throws -> [Section] {
        let server = try etcd()
        let range = "10.20.0.0/14"
        let pools = scale.fills.map { fill in
            (fill: fill, filler: PoolFiller(endpoint: server.endpoint, networkName: "fill-\(fill)"))
        }
        let duration = try ContinuousClock().measure {
            try pools.forEachAtOnce { try $0.filler.fill([range], count: $0.fill) }
        }
        let calls = try pools.map { fill, filler in
            let name = filler.networkName
            let network = try network(name, at: server, range: range, ["network_name": name])
            return TimedCall(
                name: "\(fill)",
                call: network.call(.add, "pod"),
                before: network.call(.delete, "pod")
            )
        }
        let contest = try ProcessContest(calls, scale, report: path("memory"))
        for (index, pool) in pools.enumerated() {
            figures.growth[pool.fill] = contest.ratio(index)
        }
        let note =
            "Medians of \(scale.rounds) rounds. Each pool is a /14, all in one etcd; filling them took \(duration.seconds.figure) s."
        return [Section(title: "ADD, by what is taken of its pool", note: note, table: contest.table("taken"))]
    }
}
