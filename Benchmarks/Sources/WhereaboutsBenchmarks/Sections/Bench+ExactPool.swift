internal import AllocationHistory
internal import CNI
internal import EtcdLab

extension Bench {
    /// As many pods as a pool has addresses: created, deleted, and created again.
    func exactPool(_ figures: inout Figures) throws -> [Section] {
        let count = scale.exactPool
        let range = "10.30.0.1-10.30.\(count >> 8).\(count & 255)/16"
        let network = try network("exact", at: try etcd(), range: range)
        var table = MarkdownTable(["round", "ADDs s", "a second", "failures", "taken", "DELs s", "failures", "left"])
        for round in 1...scale.turns {
            let adds = Crowd((0..<count).map { network.call(.add, "pod-\($0)") })
            let taken = try network.countOfRecords()
            let deletes = Crowd((0..<count).map { network.call(.delete, "pod-\($0)") })
            figures.failures += adds.failures + deletes.failures
            table.append([
                String(round),
                adds.elapsed.seconds.figure,
                (Double(count) / adds.elapsed.seconds).figure,
                String(adds.failures.count),
                String(taken),
                deletes.elapsed.seconds.figure,
                String(deletes.failures.count),
                String(try network.countOfRecords()),
            ])
        }
        return [
            Section(
                title: "\(count) pods on a pool of \(count) addresses",
                note: "All are created at once, deleted at once, and created again.",
                table: table
            )
        ]
    }
}
