internal import CNI

/// Makes the configuration of a call from what the runtime passes and what the node holds.
struct ConfigurationLoader {
    /// The plugin's environment.
    var environment: [String: String]
    /// Where the flat file is looked for behind `configuration_path`.
    var flatFilePaths = FlatFile.fixedPaths

    /// Reads the network configuration, fills it up from the flat file, and checks the whole.
    ///
    /// - Throws: `ConfigurationError` for the first key that can't be used.
    func load(_ invocation: CNIInvocation) throws(ConfigurationError) -> IPAMConfiguration {
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
        let flatFile = try FlatFile.find([wire.configurationPath].compactMap { $0 } + flatFilePaths)
        if let flatFile {
            wire.merge(flatFile: flatFile.configuration)
        }
        // From the flat file the key names the directory with the node's own files.
        let directory = flatFile?.configuration.configurationPath ?? flatFile?.directory
        return try IPAMConfiguration(
            wire,
            network: invocation.networkName,
            version: invocation.version,
            node: NodeName.find(environment: environment, configurationDirectory: directory)
        )
    }
}
