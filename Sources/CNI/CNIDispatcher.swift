import JSON

/// The protocol around a plugin: from the borders of the process to an operation and back.
///
/// Configuration, environment and version are validated before there is a plugin. It touches nothing outside itself.
public struct CNIDispatcher<Plugin: CNIPlugin> {
    private let about: String
    private let makePlugin: (CNIInvocation) throws(CNIError) -> Plugin

    /// Makes the dispatcher of a plugin.
    ///
    /// - Parameters:
    ///   - about: Name and version of the plugin, for people: `whereabouts 1.0.0`.
    ///   - makePlugin: Makes the plugin for a valid invocation, once.
    public init(about: String, makePlugin: @escaping (CNIInvocation) throws(CNIError) -> Plugin) {
        self.about = about
        self.makePlugin = makePlugin
    }

    /// Runs one invocation.
    ///
    /// - Parameters:
    ///   - environment: The environment of the process. Without `CNI_COMMAND` the plugin tells what it is.
    ///   - standardInput: Reads all of standard input. It is called at most once.
    /// - Returns: What the process is to write. An error is an object on standard output and exit status 1.
    public func run(
        environment: [String: String],
        standardInput: () throws(CNIError) -> [UInt8]
    ) -> ProcessOutcome {
        guard environment[CNIEnvironment.Name.command.rawValue]?.isEmpty == false else {
            return ProcessOutcome(standardError: Array(aboutText.utf8))
        }
        var version = CNIVersion.latest
        do throws(CNIError) {
            let environment = try CNIEnvironment(environment)
            if environment.command == .version {
                return ProcessOutcome(standardOutput: versionReport(for: statedVersion(standardInput) ?? .latest))
            }
            let configuration = try NetworkConfiguration(parsing: standardInput())
            version = configuration.version
            return ProcessOutcome(standardOutput: try perform(environment, configuration))
        } catch {
            return ProcessOutcome(standardOutput: error.encoded(for: version), exitStatus: 1)
        }
    }

    /// Calls the operation, and returns what it prints.
    private func perform(
        _ environment: CNIEnvironment,
        _ configuration: NetworkConfiguration
    ) throws(CNIError) -> [UInt8] {
        let invocation = try CNIInvocation(environment, configuration)
        switch invocation.command {
        case .add:
            return try makePlugin(invocation).add(invocation).encoded(for: invocation.version)
        case .delete:
            try makePlugin(invocation).delete(invocation)
        case .check:
            guard let previousResult = invocation.previousResult else {
                throw CNIError(
                    .invalidConfiguration,
                    "CHECK needs prevResult",
                    details: "the runtime must pass the result of ADD in the configuration"
                )
            }
            let result = try CNIResult(previousResult: previousResult, version: invocation.version)
            try makePlugin(invocation).check(invocation, previousResult: result)
        case .garbageCollect:
            let validAttachments = try configuration.validAttachments()
            try makePlugin(invocation).garbageCollect(invocation, validAttachments: validAttachments)
        case .status:
            try makePlugin(invocation).status(invocation)
        case .version:
            break
        }
        return []
    }

    /// Returns what VERSION answers (CNI spec section 5, "VERSION Success").
    private func versionReport(for version: CNIVersion) -> [UInt8] {
        let supported = CNIVersion.supported.map { JSONValue.string($0.rawValue) }
        return JSONValue.object([
            "cniVersion": .string(version.rawValue), "supportedVersions": .array(supported),
        ]).encoded()
    }

    /// Returns the version which the input of VERSION states, or nil: no input makes VERSION fail.
    private func statedVersion(_ standardInput: () throws(CNIError) -> [UInt8]) -> CNIVersion? {
        guard let input = try? JSONValue(parsing: standardInput()), let text = try? input.text("cniVersion") else {
            return nil
        }
        return CNIVersion(rawValue: text)
    }

    /// Name, version, platform, and the versions of the protocol, for people.
    public var aboutText: String {
        let versions = CNIVersion.supported.map(\.rawValue).joined(separator: ", ")
        return "\(about) \(Platform.name)\nCNI protocol versions supported: \(versions)\n"
    }
}
