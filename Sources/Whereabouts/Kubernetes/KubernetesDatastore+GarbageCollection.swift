public import EtcdClient
public import IPAM
internal import IPTypes
internal import JSON
internal import KubernetesClient

extension KubernetesDatastore {
    /// Releases what a node's containers have of a network in the configured ranges, but what belongs to the valid ones.
    ///
    /// The reservations tell which node an address is on, so addresses of ranges without them, and those that upstream's writers gave out, are not touched.
    /// Whether something is older than the call is told by the API server's clock.
    ///
    /// - Returns: What was done. It goes on after an error unless the API server does not answer.
    public func collectGarbage(
        keeping valid: Set<Attachment>,
        network: String,
        node: String,
        createdBefore moment: NodeMoment,
        deadline: Deadline
    ) -> GarbageCollection {
        var collection = GarbageCollection()
        do throws(DatastoreError) {
            let selector = Self.selector(node: node, network: network)
            try listReservations(selector: selector, deadline: deadline) { page in
                guard let begin = serverTime(of: moment) else { return false }
                for item in page where !collection.isStopped {
                    collect(item, keeping: valid, createdBefore: begin, &collection, deadline: deadline)
                }
                return !collection.isStopped
            }
        } catch {
            collection.note(error)
        }
        return collection
    }

    private static func selector(node: String, network: String) -> String {
        "\(ReservationObject.Key.node)=\(ReservationObject.label(node)),"
            + "\(ReservationObject.Key.network)=\(ReservationObject.label(network))"
    }

    /// A moment of this node by the API server's clock, in whole seconds and rather early; nil where that can't be told.
    private func serverTime(of moment: NodeMoment) -> Int64? {
        guard let serverTime = client.serverTime, let then = moment.uptime, let now = NodeMoment.now.uptime,
            then.boot == now.boot
        else { return nil }
        return serverTime - (now.nanoseconds - then.nanoseconds) / 1_000_000_000 - 2
    }

    /// Releases the address of one reservation, unless it is to be kept.
    private func collect(
        _ item: JSONValue,
        keeping valid: Set<Attachment>,
        createdBefore begin: Int64,
        _ collection: inout GarbageCollection,
        deadline: Deadline
    ) {
        do throws(DatastoreError) {
            let reservation = try ReservationObject(item)
            guard let containerID = reservation.containerID, let created = reservation.created, created < begin else {
                return
            }
            let attachment = Attachment(containerID: containerID, interfaceName: reservation.interfaceName)
            guard !valid.contains(attachment) else { return }
            let pool = try reservation.pool.flatMap { name throws(DatastoreError) in
                try poolObject(name, deadline: deadline)
            }
            if var pool, let address = reservation.addresses.first(where: { pool.entries[$0] != nil }),
                let entry = pool.entries[address]
            {
                // Upstream's writers take the entry over for a pod's next container, and leave the reservation as it is.
                guard entry.isOf(attachment), try removeEntry(address, entry, of: &pool, deadline: deadline) else {
                    return
                }
                collection.released += 1
            }
            try drop(reservation, deadline: deadline)
        } catch {
            collection.note(error)
        }
    }
}
