package import EtcdClient
internal import IPAM
internal import IPTypes
internal import KubernetesClient

/// Reservations and entries that lack each other.
extension KubernetesDatastore {
    /// Removes reservations without an entry that calls of this release left when they were killed, and tells of entries without a reservation in pools
    /// whose other entries have one.
    ///
    /// Those are only told: a network may do without reservations, and by what it is configured nothing here tells.
    ///
    /// - Throws: `.kubernetes`.
    package func repairHalves(isDryRun: Bool, deadline: Deadline) throws(DatastoreError) -> [StoreRepair] {
        var found: [ReservationObject] = []
        var marks: Set<String> = []
        try listReservations(deadline: deadline) { page in
            for reservation in page.compactMap({ try? ReservationObject($0) }) {
                for address in reservation.addresses { marks.insert("\(address) \(reservation.podReference)") }
                if reservation.pool != nil, isOlder(reservation) { found.append(reservation) }
            }
            return true
        }
        var repairs: [StoreRepair] = []
        var suspects: [(pool: String, addresses: [IPAddress])] = []
        var entries: Set<String> = []
        try listPools(deadline: deadline) { page in
            for pool in page.compactMap({ try? Self.poolObject($0) }) {
                entries.formUnion(pool.entries.map { "\(pool.name) \($0.key)" })
                let lacking = pool.entries.filter { !marks.contains("\($0.key) \($0.value.podReference)") }
                guard !lacking.isEmpty, lacking.count < pool.entries.count else { continue }
                suspects.append((pool.name, lacking.keys.sorted()))
            }
            return true
        }
        for reservation in found {
            guard let pool = reservation.pool,
                !reservation.addresses.contains(where: { entries.contains("\(pool) \($0)") }),
                let address = reservation.addresses.first(where: { !entries.contains("\(pool) \($0)") }),
                try isLeftOver(reservation, address, deadline: deadline)
            else { continue }
            if !isDryRun { try drop(reservation, deadline: deadline) }
            repairs.append(StoreRepair(.reservationWithoutEntry, reservation.name))
        }
        for (pool, addresses) in suspects {
            for address in try lackingReservations(addresses, ofPool: pool, deadline: deadline) {
                repairs.append(StoreRepair(.entryWithoutReservation, "\(pool) \(address)"))
            }
        }
        return repairs
    }

    /// The addresses of a pool whose entries have no reservation, of those that looked so in a list.
    ///
    /// What was made since the list was read has one, and what is being released has no entry in the end.
    private func lackingReservations(
        _ addresses: [IPAddress],
        ofPool name: String,
        deadline: Deadline
    ) throws(DatastoreError) -> [IPAddress] {
        guard let pool = try poolObject(name, deadline: deadline) else { return [] }
        var lacking: [IPAddress] = []
        for address in addresses {
            guard let entry = pool.entries[address],
                try reservation(of: address, entry, in: pool, deadline: deadline) == nil
            else { continue }
            lacking.append(address)
        }
        guard !lacking.isEmpty, let present = try poolObject(name, deadline: deadline) else { return [] }
        return lacking.filter { present.entries[$0]?.containerID == pool.entries[$0]?.containerID }
    }
}
