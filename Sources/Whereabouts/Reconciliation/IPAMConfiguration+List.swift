internal import CNI
internal import JSON

extension IPAMConfiguration {
    /// Reads the configurations of this program in a document, as a call of the plugin on a node would.
    ///
    /// - Parameters:
    ///   - document: The text, a network configuration or a list.
    ///   - name: The network's name where the text has none, as Multus takes that of the definition.
    ///   - node: The node.
    ///   - flatFiles: Where the flat file is looked for that fills the configuration up.
    /// - Returns: None where none of the document is this program's.
    /// - Throws: `CNIError` for a configuration that the plugin would refuse.
    static func list(
        _ document: [UInt8],
        name: String,
        node: String,
        flatFiles: [String]
    ) throws(CNIError) -> [IPAMConfiguration] {
        var document = document
        if case .object(var members)? = try? JSONValue(parsing: document), members["name"] ?? .string("") == .string("")
        {
            members["name"] = .string(name)
            document = JSONValue.object(members).encoded()
        }
        let loader = ConfigurationLoader(environment: ["NODENAME": node], flatFilePaths: flatFiles)
        var configurations: [IPAMConfiguration] = []
        for entry in try NetworkConfigurationDocument(parsing: document).entries where entry.ipamType == "whereabouts" {
            configurations.append(try loader.resolved(entry.invocation()).configuration)
        }
        return configurations
    }
}
