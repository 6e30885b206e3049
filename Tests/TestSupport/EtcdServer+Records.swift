public import EtcdClient
public import EtcdLab

extension EtcdServer {
    /// The keys of the plugin's records of addresses, in order.
    public func addressKeys() throws -> [Key] {
        let range = RangeRequest(.prefix("/whereabouts/v1/address/"), projection: .keysOnly)
        return try client().range(range, deadline: .after(.seconds(10))).keyValues.map(\.key)
    }

    /// The keys that name an address or whose it is, in order: all of the plugin's but the marks of free addresses, of
    /// pools, of fences and of the reconciler.
    public func allocationKeys() throws -> [Key] {
        let range = RangeRequest(.prefix("/whereabouts/v1/"), projection: .keysOnly)
        return try client().range(range, deadline: .after(.seconds(10))).keyValues.map(\.key).filter { key in
            !["free", "frontier", "last", "fence", "queue", "candidate"].contains {
                key.description.hasPrefix("/whereabouts/v1/\($0)/")
            } && key.description != "/whereabouts/v1/reconciler"
        }
    }
}
