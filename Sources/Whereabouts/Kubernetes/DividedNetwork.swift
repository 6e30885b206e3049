package import CNI
package import IPAM
package import IPTypes

/// A network whose ranges are divided among the nodes by a controller, as the configuration of a NetworkAttachmentDefinition says.
package struct DividedNetwork {
    /// A range that is divided.
    package struct Range {
        /// What can be given out of it.
        package let pool: AddressPool
        /// The prefix length of a slice.
        package let length: Int
        /// What its NodeSlicePool is called if the network's own name is another range's.
        package let longName: String
    }

    /// What the NodeSlicePool of the first range is called: the `network_name`, or else the name of the configuration.
    package let name: String
    /// The `network_name`; empty for the default network.
    package let networkName: String
    /// The ranges in the order of the configuration.
    package let ranges: [Range]

    /// Reads the networks of a configuration.
    ///
    /// - Parameters:
    ///   - document: The text, a network configuration or a list.
    ///   - name: The network's name where the text has none, as Multus takes that of the definition.
    ///   - flatFiles: Where the flat file is looked for that fills the configuration up.
    ///   - group: The API group of the objects that count.
    /// - Returns: None where the configuration is not this program's, keeps its allocations elsewhere, or divides no range.
    /// - Throws: `CNIError` for a configuration that the plugin would refuse.
    package static func list(
        _ document: [UInt8],
        name: String,
        flatFiles: [String],
        group: String
    ) throws(CNIError) -> [DividedNetwork] {
        // The slices are those of nodes that have names.
        var networks: [DividedNetwork] = []
        for configuration in try IPAMConfiguration.list(document, name: name, node: "controller", flatFiles: flatFiles)
        {
            guard case .kubernetes(let kubernetes) = configuration.store, kubernetes.group == group else { continue }
            networks += try self.networks(of: configuration)
        }
        return networks
    }

    private static func networks(of configuration: IPAMConfiguration) throws(CNIError) -> [DividedNetwork] {
        let choices = configuration.demands.flatMap(\.choices)
        guard let networkName = choices.first?.domain.networkName else { return [] }
        let name = networkName.isEmpty ? configuration.network : networkName
        var ranges: [Range] = []
        for choice in choices {
            guard let length = choice.sliceLength else { continue }
            do throws(DatastoreError) {
                let longName = try ObjectNames.pool(choice.pool.range, networkName: name)
                ranges.append(Range(pool: choice.pool, length: length, longName: longName))
            } catch {
                throw CNIError(error)
            }
        }
        return ranges.isEmpty ? [] : [DividedNetwork(name: name, networkName: networkName, ranges: ranges)]
    }

    /// What the pool object of a node's slice is called.
    ///
    /// - Throws: `DatastoreError` for a name that no object can have.
    package static func poolName(
        _ slice: IPPrefix,
        node: String,
        networkName: String
    ) throws(DatastoreError) -> String {
        try ObjectNames.pool(slice, networkName: networkName, node: node)
    }
}
