package import CNI
package import IPAM
package import IPTypes

/// A range of a network, as its configuration has it.
package struct ConfiguredPool: Hashable, Sendable {
    /// The name of the network configuration.
    package let network: String
    /// The range with what is unique in it.
    package let demand: AllocationRequest.Demand

    /// The range.
    package var range: IPPrefix { demand.pool.range }
    /// The number of addresses that can be given out.
    package var capacity: UInt128 { demand.pool.allocatable.count }

    /// Reads the pools of the configurations in a document that keep their allocations in a store.
    ///
    /// - Parameters:
    ///   - document: The text, a network configuration or a list.
    ///   - name: The network's name where the text has none.
    ///   - node: The node that looks.
    ///   - settings: The store, and the flat file that fills the configuration up.
    /// - Returns: The pools in the order of the document.
    /// - Throws: `CNIError` for a configuration that the plugin would refuse.
    package static func list(
        _ document: [UInt8],
        name: String,
        node: String,
        settings: FlatFileSettings
    ) throws(CNIError) -> [ConfiguredPool] {
        var pools: [ConfiguredPool] = []
        for configuration in try IPAMConfiguration.list(
            document,
            name: name,
            node: node,
            flatFiles: [settings.path]
        ) where settings.leadsToStore(of: configuration) {
            pools += configuration.demands.flatMap(\.choices).map {
                ConfiguredPool(network: configuration.network, demand: $0)
            }
        }
        return pools
    }
}

extension FlatFileSettings {
    /// Whether a network's configuration keeps its allocations in the store of the flat file.
    fileprivate func leadsToStore(of configuration: IPAMConfiguration) -> Bool {
        switch (store, configuration.store) {
        case (.etcd(let etcd), .etcd): PendingStore(etcd).isThat(of: configuration.store)
        case (.kubernetes(let group), .kubernetes(let kubernetes)): group == kubernetes.group
        default: false
        }
    }
}
