internal import AllocationHistory
internal import CNI
internal import EtcdLab
internal import Foundation

extension Bench {
    /// An ADD into one of more and more pools.
    func pools() throws -> [Section] {
        var calls: [TimedCall] = []
        var duration = Duration.zero
        for count in scale.pools {
            let server = try etcd()
            let ranges = (0..<count).map { "10.\(64 + $0 / 256).\($0 % 256).0/24" }
            let lanes = ProcessInfo.processInfo.activeProcessorCount
            let shares = (0..<lanes).map { lane in stride(from: lane, to: count, by: lanes).map { ranges[$0] } }
            let filler = PoolFiller(endpoint: server.endpoint)
            let allocations = scale.allocationsOfPool
            duration += try ContinuousClock().measure {
                try shares.forEachAtOnce { try filler.fill($0, count: allocations) }
            }
            let network = try network("pools-\(count)", at: server, range: ranges[0])
            calls.append(
                TimedCall(
                    name: "\(count)",
                    call: network.call(.add, "pod"),
                    before: network.call(.delete, "pod")
                )
            )
        }
        let contest = try ProcessContest(calls, scale, report: path("memory"))
        let note =
            "Medians of \(scale.rounds) rounds. Of each pool, a /24, \(scale.allocationsOfPool) addresses are taken, "
            + "and each row has an etcd of its own; filling took \(duration.seconds.figure) s."
        return [Section(title: "ADD, by the number of pools", note: note, table: contest.table("pools"))]
    }
}
