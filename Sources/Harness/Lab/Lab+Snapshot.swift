internal import AllocationHistory
internal import EtcdClient
internal import EtcdLab
internal import IPAM
internal import IPTypes
internal import Whereabouts

extension Lab {
    /// What the store holds of a network.
    func snapshot(networkName: String, time: Int64) throws -> StoreSnapshot {
        let audit = try EtcdDatastore(client()).audit(networkName: networkName, deadline: .after(.seconds(120)))
        return StoreSnapshot(
            time: time,
            records: audit.entries.map { entry in
                let owner = entry.record.owner
                return StoredRecord(
                    address: HistoryAddress(domain: networkName, address: entry.address.description),
                    attachment: CallAttachment(container: owner.containerID, interface: owner.interfaceName),
                    pod: owner.pod.map { "\($0.namespace)/\($0.name)" },
                    node: owner.node,
                    isRetained: entry.record.retainedUntil != nil
                )
            },
            indexKeyCount: audit.indexKeyCount,
            inconsistencies: audit.inconsistencies
        )
    }

    /// Deletes every key of a network, of which nothing is in use any more, and the fences of a run's containers, which would stay
    /// for minutes.
    func removeTraces(networkName: String, run: String) throws {
        let client = try client()
        try client.deleteRange(
            DeleteRangeRequest(.prefix(Key("/whereabouts/v1/fence/\(run)-"))),
            deadline: .after(.seconds(60))
        )
        let part = "/network:\(networkName)/"
        var pages = client.pages(of: .prefix("/whereabouts/v1/"), size: 1000, projection: .keysOnly)
        while let page = try pages.next(deadline: .after(.seconds(60))) {
            let keys = page.map(\.key).filter { $0.description.contains(part) }
            for start in stride(from: 0, to: keys.count, by: 100) {
                let batch = keys[start..<min(start + 100, keys.count)]
                let deletions = batch.map { TxnOperation.deleteRange(DeleteRangeRequest(.single($0))) }
                _ = try client.commit(Txn(then: deletions), deadline: .after(.seconds(60)))
            }
        }
    }
}
