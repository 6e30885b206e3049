internal import EtcdClient
internal import IPAM

/// Where the calls that lost a race for the addresses of a pool in one minute draw places.
struct Queue: Hashable {
    /// What the keys of all queues of the pool begin with.
    private let prefix: String
    /// The minute since 1970.
    private let minute: Int64

    /// The queue of a demand's pool at a moment in seconds since 1970.
    init(_ demand: AllocationRequest.Demand, at seconds: Int64) {
        prefix = KeySpace.queuePrefix(demand.domain.keyPart, demand.pool)
        minute = seconds / 60
    }

    /// The key that is written with every place, so that its version is their number.
    var drawn: Key { Key(prefix(minute) + "/drawn") }

    /// The key that is written for every place that is not needed any more.
    var served: Key { Key(prefix(minute) + "/served") }

    /// The keys of the pool's earlier queues but the last one, whose places may still be held.
    var earlier: KeyRange { .range(Key(prefix(0)), upTo: Key(prefix(minute - 1))) }

    private func prefix(_ minute: Int64) -> String {
        prefix + KeySpace.fixedWidth(minute)
    }
}
