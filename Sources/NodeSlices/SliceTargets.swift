internal import IPAM
internal import IPTypes
internal import Whereabouts

/// The pools that there are to be, and those that are to go.
struct SliceTargets {
    /// One pool with what it is to be.
    struct Target {
        /// The pool as it is.
        private(set) var pool: SlicePool
        /// The range with the size of a slice; nil when no network divides it any more.
        let range: DividedNetwork.Range?
        /// The `network_name`; nil for what is somebody else's, and is left alone.
        let networkName: String?

        /// Whether the object says another size, or not yet whose it is.
        var isRespecified: Bool {
            range != nil && (pool.sliceSize != range?.length || !pool.isNamed)
        }

        mutating func replace(_ pool: SlicePool) {
            self.pool = pool
        }
    }

    var all: [Target] = []
    /// Networks that can't have what they ask for, for the log.
    private(set) var conflicts: [String] = []

    /// Tells what there is to be of each pool.
    ///
    /// - Parameters:
    ///   - networks: The networks, the oldest first.
    ///   - present: The pools that there are.
    ///   - unreadable: The names of pools that there are too, and can't be understood.
    init(_ networks: [DividedNetwork], present: [SlicePool], unreadable: Set<String> = []) {
        var pools: [String: SlicePool] = [:]
        for pool in present { pools[pool.name] = pool }
        var taken = unreadable
        for network in networks {
            for range in network.ranges {
                let names = [network.name, range.longName]
                let prefix = range.pool.range
                if let same = all.first(where: { names.contains($0.pool.name) && $0.range?.pool.range == prefix }) {
                    if same.range?.length != range.length || same.networkName != network.networkName {
                        conflicts.append(
                            "network \(network.name) divides \(prefix) into /\(range.length), and another one of its name into /\(same.range?.length ?? 0); "
                                + "the older one counts, so give both one node_slice_size"
                        )
                    }
                    continue
                }
                // The one that is of the range; or else the first name that nothing has.
                let name =
                    names.first { pools[$0]?.range == prefix }
                    ?? names.first { pools[$0] == nil && !taken.contains($0) }
                guard let name else {
                    conflicts.append("NodeSlicePool \(range.longName) is of another range than \(prefix); delete it")
                    continue
                }
                taken.insert(name)
                let pool =
                    pools[name] ?? SlicePool(new: name, range: prefix, networkName: network.networkName)
                all.append(
                    Target(pool: pool.named(network.networkName), range: range, networkName: network.networkName)
                )
            }
        }
        for pool in present where !taken.contains(pool.name) {
            all.append(Target(pool: pool, range: nil, networkName: pool.networkName))
        }
    }

    /// The slices of the same network's other pools.
    func others(than index: Int) -> [SliceEntry] {
        let target = all[index]
        return all.indices.filter { $0 != index && all[$0].networkName == target.networkName }
            .flatMap { all[$0].pool.assignment.entries }
            .filter { target.pool.range.overlaps($0.prefix) }
    }
}
