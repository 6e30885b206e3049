package import EtcdClient
internal import IPAM
internal import IPTypes

/// What a node's own programs ask for, without a look at whole pools.
extension KubernetesDatastore {
    /// Reads the allocations of a node's containers, as far as reservations name their node.
    ///
    /// - Throws: `.kubernetes`.
    package func allocations(onNode node: String, deadline: Deadline) throws(DatastoreError) -> NodeAllocations {
        let selector = "\(ReservationObject.Key.node)=\(ReservationObject.label(node))"
        var found = NodeAllocations()
        // With quorum the server would read those of all nodes from etcd; what its memory lacks, the next look finds.
        try listReservations(selector: selector, fromMemory: true, deadline: deadline) { page in
            for item in page {
                do throws(DatastoreError) {
                    let reservation = try ReservationObject(item)
                    guard let pool = reservation.pool else { continue }
                    found.count += 1
                    found.allocations += reservation.addresses.map { address in
                        StoredAllocation(
                            place: AllocationPlace(domain: pool, address: address),
                            owner: reservation.owner,
                            podUID: nil,
                            created: reservation.created.map(Timestamp.text(secondsSince1970:)),
                            retainedUntil: nil,
                            version: ""
                        )
                    }
                } catch {
                    found.errors.append(error)
                }
            }
            return true
        }
        return found
    }

    /// Tells how much of a pool is taken; of one that is divided among the nodes, how much of all its slices.
    ///
    /// - Throws: `.undecodable`, `.kubernetes`.
    package func occupancy(of pool: ConfiguredPool, deadline: Deadline) throws(DatastoreError) -> PoolOccupancy {
        let networkName = pool.demand.domain.networkName
        let bounds = pool.demand.pool.bounds
        guard pool.demand.sliceLength == nil else {
            // The nodes' own pool objects have the range's addresses.
            var used: Set<IPAddress> = []
            var failure: DatastoreError?
            try listPools(deadline: deadline) { page in
                for item in page {
                    do throws(DatastoreError) {
                        let object = try Self.poolObject(item)
                        guard pool.demand.pool.range.range.contains(object.range.range.first),
                            ObjectNames.networkNames(ofPool: object.name, range: object.range).contains(networkName)
                        else { continue }
                        used.formUnion(object.entries.keys)
                    } catch {
                        failure = error
                    }
                }
                return true
            }
            if let failure { throw failure }
            return PoolOccupancy(used: used.count(where: bounds.contains), pending: 0)
        }
        let name = try ObjectNames.pool(pool.demand.pool.range, networkName: networkName)
        let object = try poolObject(name, deadline: deadline)
        return PoolOccupancy(used: object?.entries.keys.count(where: bounds.contains) ?? 0, pending: 0)
    }
}
