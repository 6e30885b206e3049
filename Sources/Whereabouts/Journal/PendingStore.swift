internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON

/// The store that a pending release is for, as far as that tells it from others.
enum PendingStore: Hashable {
    /// The hosts and ports of an etcd, and what the records' keys begin with.
    case etcd(places: [String], prefix: String)
    /// The kubeconfig and the API group, and the pools in which the attachment may have addresses on a node.
    case kubernetes(kubeconfig: String, group: String, node: String, pools: [Pool])

    /// A pool object by what its name is made of.
    struct Pool: Hashable {
        let range: String
        let networkName: String
        /// Whether addresses have reservations beside their entries.
        let isReserved: Bool
        /// The prefix length of its slices; nil where it is not divided.
        let sliceLength: Int?
    }

    init(_ configuration: IPAMConfiguration) {
        switch configuration.store {
        case .etcd(let etcd):
            self.init(etcd)
        case .kubernetes(let kubernetes):
            self = .kubernetes(
                kubeconfig: kubernetes.kubeconfig,
                group: kubernetes.group,
                node: configuration.node,
                pools: configuration.demands.flatMap(\.choices).map {
                    Pool(
                        range: $0.pool.range.description,
                        networkName: $0.domain.networkName,
                        isReserved: $0.domain.range == nil,
                        sliceLength: $0.sliceLength
                    )
                }
            )
        }
    }

    init(_ etcd: EtcdConfiguration) {
        self = .etcd(places: etcd.places, prefix: KeySpace.prefix)
    }

    /// Whether it is the store that a configuration leads to.
    ///
    /// Of an etcd one common endpoint is enough: a cluster stays the same when one of its members is replaced.
    func isThat(of store: StoreConfiguration) -> Bool {
        switch (self, store) {
        case (.etcd(let places, let prefix), .etcd(let etcd)):
            prefix == KeySpace.prefix && !Set(places).isDisjoint(with: etcd.places)
        case (.kubernetes(let kubeconfig, let group, _, _), .kubernetes(let kubernetes)):
            kubeconfig == kubernetes.kubeconfig && group == kubernetes.group
        default:
            false
        }
    }

    /// One place where the store is, for messages.
    var place: String {
        switch self {
        case .etcd(let places, _): places.first ?? ""
        case .kubernetes(let kubeconfig, _, _, _): kubeconfig
        }
    }
}

extension PendingStore {
    /// Reads the members of an entry that tell the store.
    init(_ object: JSONObject) throws(JSONShapeError) {
        guard let kubernetes = try object.objectIfPresent("kubernetes") else {
            self = .etcd(places: try object.strings("etcd"), prefix: try object.string("prefix"))
            return
        }
        self = .kubernetes(
            kubeconfig: try kubernetes.string("kubeconfig"),
            group: try kubernetes.string("group"),
            node: try kubernetes.stringIfPresent("node") ?? "",
            pools: try kubernetes.objects("pools").map { pool throws(JSONShapeError) in
                Pool(
                    range: try pool.string("range"),
                    networkName: try pool.string("networkName"),
                    isReserved: try pool.integer("reserved") != 0,
                    sliceLength: try pool.integerIfPresent("sliceLength").map(Int.init(clamping:))
                )
            }
        )
    }

    /// The members of an entry that tell the store.
    var members: [String: JSONValue] {
        switch self {
        case .etcd(let places, let prefix):
            return ["etcd": .array(places.map(JSONValue.string)), "prefix": .string(prefix)]
        case .kubernetes(let kubeconfig, let group, let node, let pools):
            let list = pools.map { pool in
                var members: [String: JSONValue] = [
                    "range": .string(pool.range), "networkName": .string(pool.networkName),
                    "reserved": .integer(pool.isReserved ? 1 : 0),
                ]
                members["sliceLength"] = pool.sliceLength.map { .integer(Int64($0)) }
                return JSONValue.object(members)
            }
            return [
                "kubernetes": .object([
                    "kubeconfig": .string(kubeconfig), "group": .string(group), "node": .string(node),
                    "pools": .array(list),
                ])
            ]
        }
    }

    /// What makes no sense in it; nil for nothing.
    var fault: String? {
        switch self {
        case .etcd(let places, let prefix):
            if places.isEmpty { return "its etcd names no endpoint" }
            return prefix.isEmpty ? "its prefix is empty" : nil
        case .kubernetes(_, _, _, let pools):
            return pools.first { (try? IPPrefix($0.range)) == nil }.map {
                "its range \($0.range.debugDescription) is none"
            }
        }
    }

    /// The pools as ranges to release in.
    var demands: [AllocationRequest.Demand] {
        guard case .kubernetes(_, _, _, let pools) = self else { return [] }
        return pools.compactMap { pool in
            guard let range = try? IPPrefix(pool.range) else { return nil }
            let domain = AllocationDomain(networkName: pool.networkName, range: pool.isReserved ? nil : range)
            return AllocationRequest.Demand(
                domain: domain,
                pool: AddressPool(range: range, excluding: IPRangeSet([])),
                sliceLength: pool.sliceLength
            )
        }
    }

    /// The node whose slices the pools' are; empty where it does not matter.
    var node: String {
        guard case .kubernetes(_, _, let node, _) = self else { return "" }
        return node
    }
}

extension EtcdConfiguration {
    /// The endpoints' hosts and ports, in order.
    fileprivate var places: [String] {
        Set(endpoints.map { "\($0.host.lowercased()) port \($0.port)" }).sorted()
    }
}
