package import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient

/// All allocations of the namespace, for what looks after them from outside of any call of the plugin.
///
/// An allocation is an entry of a pool object, or a reservation of which no pool object has an entry.
extension KubernetesDatastore {
    /// An address with its pod, by which entries and reservations are known to belong together whatever network they are of.
    private struct Mark: Hashable {
        let address: IPAddress
        let podReference: String
    }

    /// The pool objects of one page, each of which may be as large as the server takes.
    private static let poolsAtOnce = 10
    /// The entries that one patch takes out.
    private static let entriesAtOnce = 500
    /// What stands before a reservation's name in the place of one without an entry.
    private static let reservationMark = "reservation/"

    /// Reads all allocations of a scope, page by page.
    ///
    /// With a node in the scope, those are left out of which no reservation names their node; a network is known by the names of objects, which
    /// have its `network_name`, and by the labels of reservations, which have its own. The function is given each page, and returns whether it wants more;
    /// what was read again since the server forgot the list is shown again.
    ///
    /// - Throws: `.kubernetes`.
    package func scan(
        _ scope: AllocationScope,
        deadline: Deadline,
        _ body: (AllocationPage) -> Bool
    ) throws(DatastoreError) {
        let selector = scope.node.map { "\(ReservationObject.Key.node)=\(ReservationObject.label($0))" }
        let networkSelector = scope.network.map {
            "\(ReservationObject.Key.network)=\(ReservationObject.label($0))"
        }
        // What reservations say of where the entries are, which don't say it.
        var onNode: Set<Mark> = []
        var ofNetwork: Set<Mark> = []
        if let selector = selector ?? networkSelector {
            try listReservations(selector: selector, deadline: deadline) { page in
                for reservation in page.compactMap({ try? ReservationObject($0) }) {
                    let marks = Self.marks(of: reservation)
                    onNode.formUnion(marks)
                    if scope.isNetwork(labelled: reservation) { ofNetwork.formUnion(marks) }
                }
                return true
            }
        }
        var entries: Set<Mark> = []
        var wantsMore = true
        try listPools(deadline: deadline) { items in
            var page = AllocationPage()
            for item in items {
                do throws(DatastoreError) {
                    let pool = try Self.poolObject(item)
                    let owner = ObjectNames.owner(ofPool: pool.name, range: pool.range) ?? ""
                    for (address, entry) in pool.entries {
                        let mark = Mark(address: address, podReference: entry.podReference)
                        entries.insert(mark)
                        guard scope.node == nil || onNode.contains(mark),
                            scope.containsNetwork(named: owner) || ofNetwork.contains(mark)
                        else { continue }
                        page.allocations.append(Self.allocation(pool.name, address, entry))
                    }
                } catch {
                    page.errors.append(error)
                }
            }
            wantsMore = body(page)
            return wantsMore
        }
        guard wantsMore else { return }
        try listReservations(selector: selector, deadline: deadline) { items in
            var page = AllocationPage()
            for item in items {
                do throws(DatastoreError) {
                    let reservation = try ReservationObject(item)
                    let marks = Self.marks(of: reservation)
                    guard !marks.contains(where: entries.contains),
                        let allocation = Self.allocation(reservation), scope.contains(reservation)
                    else { continue }
                    page.allocations.append(allocation)
                } catch {
                    page.errors.append(error)
                }
            }
            return body(page)
        }
    }

    /// Reads the allocations of places as they are now; what has none is left out, and so is what can't be understood.
    ///
    /// - Throws: `.kubernetes`.
    package func allocations(
        at places: [AllocationPlace],
        deadline: Deadline
    ) throws(DatastoreError) -> [StoredAllocation] {
        var found: [StoredAllocation] = []
        for (domain, places) in Dictionary(grouping: places, by: \.domain) {
            do throws(DatastoreError) {
                if domain.hasPrefix(Self.reservationMark) {
                    let name = String(domain.dropFirst(Self.reservationMark.count))
                    if let reservation = try reservation(name, deadline: deadline) {
                        found += [Self.allocation(reservation)].compactMap(\.self)
                    }
                } else if let pool = try poolObject(domain, deadline: deadline) {
                    found += places.compactMap { place in
                        pool.entries[place.address].map { Self.allocation(pool.name, place.address, $0) }
                    }
                }
            } catch .undecodable {
                continue
            }
        }
        return found
    }

    /// Releases allocations, each unless it was changed since it was read.
    ///
    /// - Parameters:
    ///   - allocations: The allocations as they were read.
    ///   - deadline: When to end in any case.
    ///   - isPermitted: Is asked before each change whether it may still be made.
    /// - Returns: What came of each, in their order; of those that were not tried any more nil.
    package func release(
        _ allocations: [StoredAllocation],
        deadline: Deadline,
        isPermitted: () -> Bool
    ) -> [GuardedRelease?] {
        var outcomes: [AllocationPlace: GuardedRelease] = [:]
        var isStopped = false
        for (domain, allocations) in Dictionary(grouping: allocations, by: \.place.domain) {
            for start in stride(from: 0, to: allocations.count, by: Self.entriesAtOnce) {
                guard !isStopped, isPermitted() else { break }
                let batch = Array(allocations[start..<min(start + Self.entriesAtOnce, allocations.count)])
                do throws(DatastoreError) {
                    let done =
                        try domain.hasPrefix(Self.reservationMark)
                        ? dropReservations(batch, deadline: deadline)
                        : releaseEntries(batch, ofPool: domain, deadline: deadline)
                    for allocation in batch {
                        outcomes[allocation.place] = done.contains(allocation.place) ? .released : .changed
                    }
                } catch {
                    isStopped = error.isUnavailability
                    for allocation in batch { outcomes[allocation.place] = .failed(error) }
                }
            }
        }
        return allocations.map { outcomes[$0.place] }
    }

    /// Takes entries out of their pool, and then drops their reservations; returns the places of those that were there.
    private func releaseEntries(
        _ allocations: [StoredAllocation],
        ofPool name: String,
        deadline: Deadline
    ) throws(DatastoreError) -> Set<AllocationPlace> {
        guard var pool = try poolObject(name, deadline: deadline) else { return [] }
        var entries: [IPAddress: PoolEntry] = [:]
        var reservations: [IPAddress: ReservationObject] = [:]
        for allocation in allocations {
            let address = allocation.place.address
            guard let entry = pool.entries[address], Self.version(entry) == allocation.version else { continue }
            entries[address] = entry
            reservations[address] = try reservation(of: address, entry, in: pool, deadline: deadline)
        }
        let removed = try removeEntries(entries, of: &pool, deadline: deadline)
        for address in removed {
            if let reservation = reservations[address] { try drop(reservation, deadline: deadline) }
        }
        return Set(removed.map { AllocationPlace(domain: name, address: $0) })
    }

    /// The reservation that belongs to an entry: of the names that it may have, the one that says so.
    func reservation(
        of address: IPAddress,
        _ entry: PoolEntry,
        in pool: PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) -> ReservationObject? {
        for networkName in ObjectNames.networkNames(ofPool: pool.name, range: pool.range) {
            guard let name = try? ObjectNames.reservation(address, networkName: networkName),
                let found = try reservation(name, deadline: deadline),
                found.isOf(entry.podReference, entry.interfaceName),
                found.containerID.map({ $0 == entry.containerID }) ?? true,
                found.pool.map({ $0 == pool.name }) ?? true
            else { continue }
            return found
        }
        return nil
    }

    private func dropReservations(
        _ allocations: [StoredAllocation],
        deadline: Deadline
    ) throws(DatastoreError) -> Set<AllocationPlace> {
        var dropped: Set<AllocationPlace> = []
        for allocation in allocations {
            let name = String(allocation.place.domain.dropFirst(Self.reservationMark.count))
            guard let found = try reservation(name, deadline: deadline), Self.version(found) == allocation.version
            else { continue }
            try drop(found, deadline: deadline)
            dropped.insert(allocation.place)
        }
        return dropped
    }

    // MARK: Objects as allocations

    /// Lists the pool objects, page by page, as long as the function asks for the next one.
    func listPools(deadline: Deadline, _ body: ([JSONValue]) -> Bool) throws(DatastoreError) {
        do throws(KubernetesError) {
            let request = APIRequest(.list, pools, namespace: namespace)
            _ = try client.list(request, pageSize: Self.poolsAtOnce, deadline: deadline) { body($0.items) }
        } catch {
            throw .kubernetes(error)
        }
    }

    /// Reads a pool object, whose range is the one that it names.
    ///
    /// - Throws: `.undecodable`.
    static func poolObject(_ item: JSONValue) throws(DatastoreError) -> PoolObject {
        guard case .string(let name)? = item.member("metadata")?.member("name") else {
            throw .undecodable(key: "ippools", reason: "an object does not say its name")
        }
        return try PoolObject(item, name: name)
    }

    private static func allocation(_ pool: String, _ address: IPAddress, _ entry: PoolEntry) -> StoredAllocation {
        StoredAllocation(
            place: AllocationPlace(domain: pool, address: address),
            owner: entry.owner,
            podUID: nil,
            created: nil,
            retainedUntil: nil,
            version: version(entry)
        )
    }

    /// What tells the entry from any other one: a digest, since many of them are noted in one object.
    private static func version(_ entry: PoolEntry) -> String {
        var hash = FNV1a()
        hash.add("\(entry.containerID) \(entry.podReference) \(entry.interfaceName)")
        return hash.text
    }

    /// The allocation that a reservation alone is; nil for one whose name is no address.
    private static func allocation(_ reservation: ReservationObject) -> StoredAllocation? {
        guard let place = reservationPlace(reservation.name, reservation.addresses) else { return nil }
        let owner = reservation.owner
        return StoredAllocation(
            place: place,
            // By the labels, which have a digest of a name that can't be one.
            owner: AllocationOwner(
                attachment: owner.attachment,
                pod: owner.pod,
                node: reservation.nodeLabel ?? "",
                network: reservation.networkLabel ?? ""
            ),
            podUID: nil,
            created: reservation.created.map(Timestamp.text(secondsSince1970:)),
            retainedUntil: nil,
            version: version(reservation)
        )
    }

    static func reservationPlace(_ name: String, _ addresses: [IPAddress]) -> AllocationPlace? {
        addresses.first.map { AllocationPlace(domain: reservationMark + name, address: $0) }
    }

    private static func version(_ reservation: ReservationObject) -> String {
        "\(reservation.uid) \(reservation.resourceVersion)"
    }

    private static func marks(of reservation: ReservationObject) -> [Mark] {
        reservation.addresses.map { Mark(address: $0, podReference: reservation.podReference) }
    }
}

extension AllocationScope {
    /// Whether a reservation is of the scope's network, as its label or its name tells.
    fileprivate func contains(_ reservation: ReservationObject) -> Bool {
        network == nil || isNetwork(labelled: reservation)
            || reservation.addresses.contains { address in
                ObjectNames.network(ofReservation: reservation.name, address).map(containsNetwork(named:)) ?? false
            }
    }

    /// Whether a reservation's label names the scope's network.
    fileprivate func isNetwork(labelled reservation: ReservationObject) -> Bool {
        network.map { reservation.networkLabel == ReservationObject.label($0) } ?? false
    }
}
