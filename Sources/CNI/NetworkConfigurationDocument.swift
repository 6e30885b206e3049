public import JSON

/// A file of a configuration directory: one network configuration, or a list with one for each plugin of a chain (CNI spec
/// section 1, "Configuration format").
public struct NetworkConfigurationDocument: Hashable, Sendable {
    /// The configuration of one plugin.
    public struct Entry: Hashable, Sendable {
        /// The position in the list, from 0; nil for a configuration that stands alone.
        public let index: Int?
        /// The configuration as the plugin gets it: with the name and the version of its list.
        public let configuration: JSONValue
    }

    /// The configurations, in order.
    public let entries: [Entry]

    /// Reads the text of a file.
    ///
    /// - Throws: `CNIError` with code 6 if it is no JSON object, or a list of something else.
    public init(parsing bytes: [UInt8]) throws(CNIError) {
        let document = try NetworkConfiguration.json(bytes)
        switch document.member("plugins") {
        case nil, .null:
            entries = [Entry(index: nil, configuration: document)]
        case .array(let plugins):
            var entries: [Entry] = []
            for (index, plugin) in plugins.enumerated() {
                guard case .object(var members) = plugin else {
                    throw CNIError(.decoding, "plugins[\(index)] must be an object, not \(plugin.kind)")
                }
                for key in ["name", "cniVersion"] {
                    members = members.filter { $0.key.lowercased() != key.lowercased() }
                    members[key] = document.member(key)
                }
                entries.append(Entry(index: index, configuration: .object(members)))
            }
            self.entries = entries
        case .some(let other):
            throw CNIError(.decoding, "\"plugins\" must be an array, not \(other.kind)")
        }
    }
}

extension NetworkConfigurationDocument.Entry {
    /// The name of the IPAM plugin, if there is one.
    public var ipamType: String? {
        guard case .string(let name) = configuration.member("ipam")?.member("type") else { return nil }
        return name
    }

    /// The call that an ADD with the configuration would be, as far as the configuration goes.
    ///
    /// - Throws: `CNIError` with code 1 if its version is not ours, and with code 7 if it has no valid name.
    public func invocation() throws(CNIError) -> CNIInvocation {
        let network = try NetworkConfiguration(configuration)
        return CNIInvocation(
            command: .add,
            version: network.version,
            networkName: try network.networkName(),
            configuration: configuration
        )
    }
}
