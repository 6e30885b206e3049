public import EtcdClient
public import IPAM
public import IPTypes
internal import KubernetesClient

extension KubernetesDatastore {
    /// Reads what an attachment has, and whose some addresses are: by the pools' entries, and where ranges may overlap by the reservations too.
    ///
    /// - Throws: `.undecodable`, `.kubernetes`.
    public func state(
        of attachment: Attachment,
        addresses: [(domain: AllocationDomain, address: IPAddress)],
        deadline: Deadline
    ) throws(DatastoreError) -> AttachmentState {
        var listed: Set<AttachmentState.Place> = []
        var owners: [AttachmentState.Place: AllocationOwner] = [:]
        for demand in try configuredPools(deadline: deadline) {
            guard let pool = try pool(demand, deadline: deadline) else { continue }
            let domain = demand.domain.keyPart
            let own = pool.entries(of: attachment)
            for address in own.keys {
                listed.insert(AttachmentState.Place(domain: domain, address: address))
            }
            for asked in addresses where asked.domain == demand.domain {
                guard let entry = own[asked.address] ?? pool.entries[asked.address] else { continue }
                owners[AttachmentState.Place(domain: domain, address: asked.address)] =
                    try owner(of: asked.address, demand, entry, deadline: deadline)
            }
        }
        return AttachmentState(listed: listed, owners: owners)
    }

    /// Whose an address with an entry is: the entry's owner, unless the reservation names another one, or there is none.
    private func owner(
        of address: IPAddress,
        _ demand: AllocationRequest.Demand,
        _ entry: PoolEntry,
        deadline: Deadline
    ) throws(DatastoreError) -> AllocationOwner? {
        guard demand.isReserved else { return entry.owner }
        let name = try ObjectNames.reservation(address, networkName: demand.domain.networkName)
        guard let found = try reservation(name, deadline: deadline) else { return nil }
        return found.isOf(entry.podReference, entry.interfaceName) ? entry.owner : found.owner
    }

    /// Tells whether a range, or one of those that serve in its place, has an address without an entry.
    ///
    /// - Throws: `.sliceMissing`, `.kubernetes`.
    public func condition(
        of demand: AllocationRequest.Demand,
        deadline: Deadline
    ) throws(DatastoreError) -> RangeCondition {
        for choice in try divided([demand], deadline: deadline).flatMap(\.choices) {
            do throws(DatastoreError) {
                guard let pool = try pool(choice, deadline: deadline) else { return .serving }
                let taken = IPRangeSet(pool.entries.keys.map { IPRange($0) })
                if !choice.pool.allocatable.subtracting(taken).isEmpty { return .serving }
            } catch .undecodable(let key, let reason) {
                return .untrusted(choice.pool, choice.domain, .undecodable(key: key, reason: reason))
            }
        }
        let last = demand.choices.last ?? demand
        return .exhausted(last.pool, last.domain)
    }
}
