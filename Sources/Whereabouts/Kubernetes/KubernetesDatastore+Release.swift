public import EtcdClient
public import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient

extension KubernetesDatastore {
    /// Releases everything that an attachment has in the configured ranges.
    ///
    /// A pool that can't be changed keeps no other one from it.
    ///
    /// - Returns: The number of addresses released; 0 when there was nothing, which is success.
    /// - Throws: What kept the first address from being released: `.undecodable`, `.contention`, `.kubernetes`.
    @discardableResult
    public func release(_ attachment: Attachment, deadline: Deadline) throws(DatastoreError) -> Int {
        var released = 0
        var failure: DatastoreError?
        for demand in try configuredPools(deadline: deadline) {
            do throws(DatastoreError) {
                guard var pool = try pool(demand, deadline: deadline) else { continue }
                let networkName = demand.isReserved ? demand.domain.networkName : nil
                for (address, entry) in pool.entries(of: attachment) {
                    if try release(address, entry, of: &pool, networkName: networkName, deadline: deadline) {
                        released += 1
                    }
                }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return released
    }

    /// The configured ranges, or the node's slices of them, each pool object once; not those that can name no object, in which there is nothing.
    ///
    /// - Throws: `.undecodable`, `.kubernetes`, where ranges are divided.
    func configuredPools(deadline: Deadline) throws(DatastoreError) -> [AllocationRequest.Demand] {
        var pools: [AllocationRequest.Demand] = []
        var names: Set<String> = []
        for choice in try divided(demands, isRelease: true, deadline: deadline).flatMap(\.choices) {
            guard let name = try? poolName(choice), names.insert(name).inserted else { continue }
            pools.append(choice)
        }
        return pools
    }

    /// Releases one address: its entry first, so that what a killed call leaves is a reservation that names the pool without an
    /// entry, which others can tell to be nobody's.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - entry: Its entry as it was read.
    ///   - pool: The pool of the entry, which is left as it is then.
    ///   - networkName: The name of the network in which reservations keep ranges apart; nil where they don't.
    ///   - deadline: When to end in any case.
    /// - Returns: Whether the entry was there; false when somebody else's is there by now, or none.
    /// - Throws: `.undecodable`, `.contention`, `.kubernetes`.
    func release(
        _ address: IPAddress,
        _ entry: PoolEntry,
        of pool: inout PoolObject,
        networkName: String?,
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        let found = try networkName.flatMap { networkName throws(DatastoreError) in
            try reservation(ObjectNames.reservation(address, networkName: networkName), deadline: deadline)
        }
        guard try removeEntry(address, entry, of: &pool, deadline: deadline) else { return false }
        // Another one's reservation of the address is not touched.
        if let found, found.isOf(entry.podReference, entry.interfaceName),
            found.containerID.map({ $0 == entry.containerID }) ?? true
        {
            try drop(found, deadline: deadline)
        }
        return true
    }

    /// Takes an entry out of its pool, which is left as it is then, if it is still the container's; false when it is not.
    func removeEntry(
        _ address: IPAddress,
        _ entry: PoolEntry,
        of pool: inout PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        try !removeEntries([address: entry], of: &pool, deadline: deadline).isEmpty
    }

    /// Takes entries out of their pool at once, which is left as it is then; those that are still their containers'.
    ///
    /// - Returns: The addresses of those that were.
    /// - Throws: `.undecodable`, `.contention`, `.kubernetes`.
    func removeEntries(
        _ entries: [IPAddress: PoolEntry],
        of pool: inout PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) -> Set<IPAddress> {
        try queue.turn(at: pool.name, of: namespace, deadline: deadline) { hasWaited throws(DatastoreError) in
            let entries = hasWaited ? try stillThere(entries, in: &pool, deadline: deadline) : entries
            return try removeEntriesAmongOthers(entries, of: &pool, deadline: deadline)
        }
    }

    /// Takes entries out without waiting for the call's turn.
    func removeEntriesAmongOthers(
        _ entries: [IPAddress: PoolEntry],
        of pool: inout PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) -> Set<IPAddress> {
        var rest = entries
        var gone: Set<IPAddress> = []
        var tries = PoolTries()
        while !rest.isEmpty {
            var patch = pool.patch
            for (address, entry) in rest {
                let path = pool.path(of: address)
                patch = patch.testing(path + "/id", .string(entry.containerID)).removing(path)
            }
            let counted = pool.noting(entryCount: pool.entries.count - rest.count, in: patch)
            let change = try change(pool.name, counted, deadline: deadline)
            if case .done(let version) = change {
                for address in rest.keys { pool.remove(address, resourceVersion: version) }
                return gone.union(rest.keys)
            }
            tries.pause(before: deadline)
            let earlier = pool
            let left = try stillThere(rest, in: &pool, deadline: deadline)
            // What is gone behind a lost answer was taken out by it.
            if change.isUnknown { gone.formUnion(Set(rest.keys).subtracting(left.keys)) }
            rest = left
            guard !rest.isEmpty else { break }
            try tries.expectRetry(change, of: pool, behind: earlier, deadline: deadline)
        }
        return gone
    }

    /// Reads a pool again, and returns those of some entries that are still their containers'.
    private func stillThere(
        _ entries: [IPAddress: PoolEntry],
        in pool: inout PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) -> [IPAddress: PoolEntry] {
        guard let present = try poolObject(pool.name, deadline: deadline) else { return [:] }
        pool = present
        return entries.filter { present.entries[$0.key]?.containerID == $0.value.containerID }
    }
}
