/// The parameters which stand in environment variables (CNI spec section 2, "Parameters"), validated.
struct CNIEnvironment: Hashable, Sendable {
    let command: CNICommand
    let containerID: String
    let networkNamespace: String
    let interfaceName: String
    let arguments: CNIArguments
    let path: String

    /// Reads the variables.
    ///
    /// An empty one counts as missing, as in Go's `skel`. What a command has no use for is not looked at.
    ///
    /// - Throws: `CNIError` with code 4, which names all that is missing, or the first that is wrong.
    init(_ variables: [String: String]) throws(CNIError) {
        func value(_ name: Name) -> String {
            variables[name.rawValue] ?? ""
        }
        guard let command = CNICommand(rawValue: value(.command)) else {
            throw CNIError(.invalidEnvironment, "unknown CNI_COMMAND: \(value(.command))")
        }
        let required = Self.rules.filter { $0.requiredFor.contains(command) }
        let missing = required.filter { value($0.name).isEmpty }.map(\.name.rawValue)
        guard missing.isEmpty else {
            let names = missing.joined(separator: ",")
            throw CNIError(.invalidEnvironment, "required env variables [\(names)] missing")
        }
        for rule in required {
            try rule.validate(value(rule.name))
        }

        self.command = command
        containerID = value(.containerID)
        networkNamespace = value(.networkNamespace)
        interfaceName = value(.interfaceName)
        arguments = try Self.attachment.contains(command) ? CNIArguments(parsing: value(.arguments)) : CNIArguments()
        path = value(.path)
    }
}

// MARK: - Rules

extension CNIEnvironment {
    /// The variables of the protocol.
    enum Name: String {
        case command = "CNI_COMMAND"
        case containerID = "CNI_CONTAINERID"
        case networkNamespace = "CNI_NETNS"
        case interfaceName = "CNI_IFNAME"
        case arguments = "CNI_ARGS"
        case path = "CNI_PATH"
    }

    private struct Rule: Sendable {
        let name: Name
        let requiredFor: [CNICommand]
        var validate: @Sendable (String) throws(CNIError) -> Void = { _ in }
    }

    /// The commands which are about one interface of one container.
    private static let attachment: [CNICommand] = [.add, .check, .delete]

    private static let rules = [
        Rule(name: .containerID, requiredFor: attachment, validate: validateContainerID),
        Rule(name: .networkNamespace, requiredFor: [.add, .check]),
        Rule(name: .interfaceName, requiredFor: attachment, validate: validateInterfaceName),
        // Go's skel demands it of STATUS too, which the specification does not.
        Rule(name: .path, requiredFor: attachment + [.garbageCollect]),
    ]

    @Sendable
    private static func validateContainerID(_ containerID: String) throws(CNIError) {
        guard containerID.isCNIIdentifier else {
            throw CNIError(.invalidEnvironment, "invalid characters in containerID", details: containerID)
        }
    }

    /// Checks the name as the kernel does (`dev_valid_name`), which has 16 bytes with the NUL for it.
    @Sendable
    private static func validateInterfaceName(_ name: String) throws(CNIError) {
        let fault: String
        if name.utf8.count > 15 {
            fault = "is too long"
        } else if name == "." || name == ".." {
            fault = "is . or .."
        } else if name.unicodeScalars.contains(where: { $0 == "/" || $0 == ":" || $0.properties.isWhitespace }) {
            fault = "contains / or : or whitespace characters"
        } else {
            return
        }
        throw CNIError(.invalidEnvironment, "interface name \(fault)", details: name)
    }
}
