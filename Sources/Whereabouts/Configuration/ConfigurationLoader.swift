internal import CNI
internal import JSON

/// Makes the configuration of a call from what the runtime passes and what the node holds.
struct ConfigurationLoader {
    /// The plugin's environment.
    var environment: [String: String]
    /// Where the flat file is looked for behind `configuration_path`.
    var flatFilePaths = FlatFile.fixedPaths

    /// Returns the configuration that `resolve` does, alone.
    func load(_ invocation: CNIInvocation) throws(ConfigurationError) -> IPAMConfiguration {
        do throws(ConfigurationFailure) {
            return try resolve(invocation).configuration
        } catch {
            throw error.error
        }
    }

    /// Reads the network configuration, fills it up from the flat file, and checks the whole.
    ///
    /// A release must end well whatever else is wrong: it takes what it needs of a configuration that can't be used as a whole.
    ///
    /// - Throws: `ConfigurationFailure` for the first key that can't be used.
    func resolve(_ invocation: CNIInvocation) throws(ConfigurationFailure) -> ResolvedConfiguration {
        do throws(ConfigurationFailure) {
            return try resolve(invocation, for: .allocation)
        } catch {
            guard [.delete, .garbageCollect].contains(invocation.command) else { throw error }
            var resolved = try resolve(invocation, for: .release)
            if case .kubernetes = resolved.configuration.store {
                resolved = try resolve(invocation, for: .releaseFromRanges)
            }
            resolved.leftAside = error
            return resolved
        }
    }

    private func resolve(
        _ invocation: CNIInvocation,
        for purpose: ConfigurationPurpose
    ) throws(ConfigurationFailure) -> ResolvedConfiguration {
        var sources = ConfigurationSources(purpose)
        do throws(ConfigurationError) {
            return try resolve(invocation, &sources)
        } catch {
            let place = sources.share?.place(of: error.key, beside: error.givenKey) ?? error.key
            throw ConfigurationFailure(error: error.naming(place), notes: sources.notes(on: error), log: sources.log)
        }
    }

    private func resolve(
        _ invocation: CNIInvocation,
        _ sources: inout ConfigurationSources
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        guard let ipam = invocation.configuration.member("ipam"), ipam != .null else {
            throw .missing("ipam", remedy: "add the object with the settings of whereabouts")
        }
        sources.network = ipam
        // Looked for even when something is wrong with the network, since the log may be the flat file's.
        let configured = [FlatFile.configuredPath(ipam)].compactMap(\.self)
        let places = configured + flatFilePaths
        let search = Result { () throws(ConfigurationError) in try FlatFile.find(places) }
        sources.take(try? search.get(), configured: configured, places: places)

        var wire = try WireConfiguration(sources.purpose.part(of: ipam))
        guard wire.type == "whereabouts" else {
            throw ConfigurationError(
                key: "ipam.type",
                value: wire.type ?? "",
                reason: "is not ours: this plugin serves networks whose IPAM type is \"whereabouts\""
            )
        }
        let flatFile = try search.get()
        let bound = wire.range.firstKey
        let shared = try flatFile.map { file throws(ConfigurationError) in try file.configuration(for: sources.purpose)
        }
        if let shared {
            wire.merge(flatFile: shared)
        }
        if wire.range.range == nil, let bound {
            // Those of the flat file may be meant for other networks.
            throw ConfigurationError(
                key: bound,
                reason: "belongs to range, which is missing; add range, or move it into an entry of ipRanges"
            )
        }
        // From the flat file the key names the directory with the node's own files.
        let directory = shared?.configurationPath ?? flatFile?.directory
        // A DEL must end well though the ADD before it was refused for what the runtime asked for.
        let asks = [.add, .check].contains(invocation.command)
        let configuration = try IPAMConfiguration(
            wire,
            for: sources.purpose,
            network: invocation.networkName,
            version: invocation.version,
            arguments: asks ? invocation.arguments : CNIArguments(),
            requested: asks
                ? try RequestedAddresses(invocation.configuration, invocation.arguments) : RequestedAddresses(),
            node: NodeName.find(environment: environment, configurationDirectory: directory),
            log: sources.purpose != .allocation ? sources.log : try LogSettings(wire),
            mainPlugin: MainPlugin(invocation.configuration),
            sharedKeys: sources.share?.keys ?? [],
            notes: sources.notes
        )
        return ResolvedConfiguration(configuration: configuration, flatFile: sources.share)
    }
}
