internal import CNI

/// Makes the configuration of a call from what the runtime passes and what the node holds.
struct ConfigurationLoader {
    /// The plugin's environment.
    var environment: [String: String]
    /// Where the flat file is looked for behind `configuration_path`.
    var flatFilePaths = FlatFile.fixedPaths

    /// Returns the configuration that `resolve` does, alone.
    func load(_ invocation: CNIInvocation) throws(ConfigurationError) -> IPAMConfiguration {
        try resolve(invocation).configuration
    }

    /// Reads the network configuration, fills it up from the flat file, and checks the whole.
    ///
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    func resolve(_ invocation: CNIInvocation) throws(ConfigurationError) -> ResolvedConfiguration {
        guard let ipam = invocation.configuration.member("ipam"), ipam != .null else {
            throw ConfigurationError(key: "ipam", reason: "is missing; add the object with the settings of whereabouts")
        }
        var wire = try WireConfiguration(ipam)
        guard wire.type == "whereabouts" else {
            throw ConfigurationError(
                key: "ipam.type",
                value: wire.type ?? "",
                reason: "is not ours: this plugin serves networks whose IPAM type is \"whereabouts\""
            )
        }
        let configured = [wire.configurationPath].compactMap { $0 }
        let flatFile = try FlatFile.find(configured + flatFilePaths)
        let notFound = configured.filter { ![$0, $0 + "/" + FlatFile.name].contains(flatFile?.path) }
        let bound = wire.range.firstKey
        if let flatFile {
            wire.merge(flatFile: flatFile.configuration)
        }
        if wire.range.range == nil, let bound {
            // Those of the flat file may be meant for other networks.
            throw ConfigurationError(
                key: bound,
                reason: "belongs to range, which is missing; add range, or move it into an entry of ipRanges"
            )
        }
        // From the flat file the key names the directory with the node's own files.
        let directory = flatFile?.configuration.configurationPath ?? flatFile?.directory
        // A DEL must end well though the ADD before it was refused for what the runtime asked for.
        let asks = [.add, .check].contains(invocation.command)
        let share = flatFile.map { FlatFileShare($0, besides: ipam) }
        do throws(ConfigurationError) {
            let configuration = try IPAMConfiguration(
                wire,
                network: invocation.networkName,
                version: invocation.version,
                arguments: asks ? invocation.arguments : CNIArguments(),
                requested: asks
                    ? try RequestedAddresses(invocation.configuration, invocation.arguments) : RequestedAddresses(),
                node: NodeName.find(environment: environment, configurationDirectory: directory),
                notes: notFound.map { "configuration_path: there is no file \($0)" }
            )
            return ResolvedConfiguration(configuration: configuration, flatFile: share)
        } catch {
            throw ConfigurationError(
                key: share?.place(of: error.key) ?? error.key,
                value: error.value,
                reason: error.reason
            )
        }
    }
}
