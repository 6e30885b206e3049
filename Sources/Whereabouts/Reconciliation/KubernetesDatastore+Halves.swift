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
        var suspects: [(pool: PoolObject, address: IPAddress)] = []
        var entries: Set<String> = []
        try listPools(deadline: deadline) { page in
            for pool in page.compactMap({ try? Self.poolObject($0) }) {
                entries.formUnion(pool.entries.map { "\(pool.name) \($0.key)" })
                let lacking = pool.entries.filter { !marks.contains("\($0.key) \($0.value.podReference)") }
                guard lacking.count < pool.entries.count else { continue }
                suspects += lacking.keys.sorted().map { (pool, $0) }
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
        for (pool, address) in suspects {
            // One that was made since the list was read is no news.
            guard let entry = try poolObject(pool.name, deadline: deadline)?.entries[address],
                try reservation(of: address, entry, in: pool, deadline: deadline) == nil
            else { continue }
            repairs.append(StoreRepair(.entryWithoutReservation, "\(pool.name) \(address)"))
        }
        return repairs
    }
}
