public import EtcdClient
internal import IPAM
internal import IPTypes

extension EtcdDatastore {
    /// Reads everything that the store holds, at one moment, and compares records with their index keys.
    ///
    /// Every record has exactly the index keys that its owner needs, and each index key a record, all of one revision.
    ///
    /// - Parameters:
    ///   - networkName: The `network_name` whose keys are looked at, empty for the default network; nil for all of them. Without
    ///     overlapping ranges a network has domains of other names, which only nil finds.
    ///   - deadline: When to end in any case.
    /// - Returns: What was read, and what is wrong with it.
    /// - Throws: `.etcd`, with `.server(.compacted)` when the store is compacted while it is read.
    public func audit(networkName: String? = nil, deadline: Deadline) throws(DatastoreError) -> StoreAudit {
        let domain = networkName.map { AllocationDomain(networkName: $0, range: nil).keyPart }
        var keys = AuditedKeys(domain: domain)
        do throws(EtcdError) {
            var pages = client.pages(of: .prefix(Key(KeySpace.prefix)), size: 1000)
            while let page = try pages.next(deadline: deadline) {
                for keyValue in page { keys.add(keyValue) }
            }
        } catch {
            throw .etcd(error)
        }
        return keys.result
    }
}
