public import JSON

/// One call of the plugin, its parameters validated (CNI spec section 2, "Parameters").
public struct CNIInvocation: Hashable, Sendable {
    /// What to do.
    public var command: CNICommand

    /// The container, or empty for GC and STATUS.
    public var containerID: String

    /// The path of the container's network namespace; it may be empty for all but ADD and CHECK.
    public var networkNamespace: String

    /// The interface inside the container, or empty for GC and STATUS.
    public var interfaceName: String

    /// What the runtime says of the pod.
    public var arguments: CNIArguments

    /// The directories of plugins, separated by colons.
    public var path: String

    /// The version of the configuration and of the answer.
    public var version: CNIVersion

    /// The network which the configuration is of.
    public var networkName: String

    /// The whole configuration object.
    public var configuration: JSONValue

    /// The `prevResult` of the configuration, or nil if it is absent or null.
    public var previousResult: JSONValue?

    /// Makes an invocation; nothing is validated here.
    public init(
        command: CNICommand,
        containerID: String = "",
        networkNamespace: String = "",
        interfaceName: String = "",
        arguments: CNIArguments = CNIArguments(),
        path: String = "",
        version: CNIVersion = .latest,
        networkName: String,
        configuration: JSONValue,
        previousResult: JSONValue? = nil
    ) {
        self.command = command
        self.containerID = containerID
        self.networkNamespace = networkNamespace
        self.interfaceName = interfaceName
        self.arguments = arguments
        self.path = path
        self.version = version
        self.networkName = networkName
        self.configuration = configuration
        self.previousResult = previousResult
    }
}

extension CNIInvocation {
    /// Joins what the environment and standard input say.
    ///
    /// - Throws: `CNIError` with code 1 if the version lacks the command, and with code 7 if the network has no name.
    init(_ environment: CNIEnvironment, _ configuration: NetworkConfiguration) throws(CNIError) {
        let command = environment.command
        guard configuration.version >= command.firstVersion else {
            throw CNIError(
                .incompatibleVersion,
                "config version does not allow \(command.rawValue)",
                details: "config is \"\(configuration.version)\", \(command.rawValue) needs \"\(command.firstVersion)\""
            )
        }
        self.init(
            command: command,
            containerID: environment.containerID,
            networkNamespace: environment.networkNamespace,
            interfaceName: environment.interfaceName,
            arguments: environment.arguments,
            path: environment.path,
            version: configuration.version,
            networkName: try configuration.networkName(),
            configuration: configuration.object,
            previousResult: configuration.previousResult
        )
    }
}
