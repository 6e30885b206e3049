import IPTypes
import JSON

@testable import Whereabouts

/// Objects of the Kubernetes datastore, which upstream's programs and people write too: an input is the JSON of one.
enum ObjectsTarget: FuzzTarget {
    static let name = "objects"

    static func read(_ input: Span<UInt8>) {
        guard let value = try? JSONValue(parsing: bytes(input)) else { return }
        if let pool = try? PoolObject(value, name: "pool") {
            let range = pool.range
            expect(pool.entries.keys.allSatisfy(range.contains), "\(pool) has addresses outside of \(range)")
            for (address, entry) in pool.entries {
                let path = pool.path(of: address)
                let offset = UInt128(path.dropFirst("/spec/allocations/".count))
                expect(offset.flatMap(range.first.advanced) == address, "\(path) is not of \(address)")
                expect((try? PoolEntry(JSONObject(entry.json))) == entry, "\(entry) reads as another entry")
            }
        }
        if let reservation = try? ReservationObject(value) {
            _ = reservation.owner
            for address in reservation.addresses {
                let end = try? ObjectNames.reservation(address, networkName: "")
                expect(end.map(reservation.name.hasSuffix) ?? false, "\(reservation) is not of \(address)")
            }
            expect(reservation.isOf(reservation.podReference, reservation.interfaceName), "\(reservation) is nobody's")
        }
    }
}
