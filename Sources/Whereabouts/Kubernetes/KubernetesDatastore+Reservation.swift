internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient

extension KubernetesDatastore {
    /// What came of trying to reserve an address.
    enum ReservationOutcome {
        /// It is the owner's, as this object says.
        case reserved(ReservationObject)
        /// It is somebody else's, as this object says.
        case taken(ReservationObject)
    }

    /// Makes a reservation for an owner, or takes over the one that its pod's interface has.
    func reserve(
        _ address: IPAddress,
        of demand: AllocationRequest.Demand,
        pool: PoolObject,
        for owner: AllocationOwner,
        deadline: Deadline
    ) throws(DatastoreError) -> ReservationOutcome {
        let name = try ObjectNames.reservation(address, networkName: demand.domain.networkName)
        let object = ReservationObject.json(
            name: name,
            namespace: namespace,
            apiVersion: reservations.apiVersion,
            pool: pool.name,
            owner
        )
        while true {
            do throws(DatastoreError) {
                switch try send(.create(object), reservations, deadline: deadline) {
                case .object(let made): return .reserved(try ReservationObject(made))
                case .exists, .conflict: break
                case .missing: throw missingNamespace
                case .unprocessable(let reason): throw refused("the reservation \(name)", reason)
                }
            } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
                Backoff.pause(tries: 8)
            }
            guard let found = try reservation(name, deadline: deadline) else { continue }
            let isOwn =
                found.isOf(owner.podReference, owner.interfaceName)
                && (owner.pod != nil || found.containerID == owner.containerID)
            if isOwn {
                if found.containerID == owner.containerID, found.pool == pool.name, !isOlder(found) {
                    return .reserved(found)
                }
            } else {
                guard try isLeftOver(found, address, deadline: deadline) else { return .taken(found) }
            }
            // A new object, and not this one with another owner: its UID stands for one claim, and its age is that of the claim.
            try drop(found, deadline: deadline)
        }
    }

    /// The reservation of a name as it is now; nil when there is none.
    func reservation(_ name: String, deadline: Deadline) throws(DatastoreError) -> ReservationObject? {
        guard case .object(let object) = try send(.get, reservations, name: name, deadline: deadline) else {
            return nil
        }
        return try ReservationObject(object)
    }

    /// Deletes a reservation that is still as it was read.
    ///
    /// What it may have done already it may do again: the UID stands for this object alone.
    func drop(_ reservation: ReservationObject, deadline: Deadline) throws(DatastoreError) {
        let verb = APIRequest.Verb.delete(uid: reservation.uid, resourceVersion: reservation.resourceVersion)
        while true {
            do throws(DatastoreError) {
                _ = try send(verb, reservations, name: reservation.name, deadline: deadline)
                return
            } catch  where error.leavesOutcomeUnknown && !deadline.hasPassed {
                Backoff.pause(tries: 8)
            }
        }
    }

    /// The addresses of a network whose reservations name no pool.
    func unplacedReservations(networkName: String, deadline: Deadline) throws(DatastoreError) -> Set<IPAddress> {
        var addresses: Set<IPAddress> = []
        try listReservations(deadline: deadline) { page in
            for reservation in page.compactMap({ try? ReservationObject($0) }) where reservation.pool == nil {
                let address = reservation.addresses.first {
                    (try? ObjectNames.reservation($0, networkName: networkName)) == reservation.name
                }
                if let address { addresses.insert(address) }
            }
            return true
        }
        return addresses
    }

    /// Lists reservations, those with the labels of a selector or all, page by page, as long as the function asks for the next one; some may be shown twice.
    func listReservations(
        selector: String? = nil,
        fromMemory: Bool = false,
        deadline: Deadline,
        _ body: ([JSONValue]) -> Bool
    ) throws(DatastoreError) {
        var query = selector.map { ["labelSelector": $0] } ?? [:]
        if fromMemory { query["resourceVersion"] = "0" }
        let request = APIRequest(.list, reservations, namespace: namespace, query: query)
        do throws(KubernetesError) {
            _ = try client.list(request, deadline: deadline) { body($0.items) }
        } catch {
            throw .kubernetes(error)
        }
    }

    /// Whether a reservation is older than any call that may be about to add its entry.
    func isOlder(_ reservation: ReservationObject) -> Bool {
        guard let created = reservation.created, let now = client.serverTime else { return false }
        return now - created > claimTimeout
    }

    /// Whether a reservation belongs to nobody: for longer than any ADD takes, the pool that it names has had no entry of the address.
    ///
    /// One that names no pool is upstream's, and may have its entry in any pool of the network; and one whose pool can't be read may have it there.
    func isLeftOver(
        _ found: ReservationObject,
        _ address: IPAddress,
        deadline: Deadline
    ) throws(DatastoreError) -> Bool {
        guard isOlder(found), let name = found.pool else { return false }
        do throws(DatastoreError) {
            guard let pool = try poolObject(name, deadline: deadline) else { return true }
            return pool.range.contains(address) && pool.entries[address] == nil
        } catch .undecodable {
            return false
        }
    }
}
