import JSON

/// The object on standard input, as far as the protocol goes: the version is known, the rest on request.
struct NetworkConfiguration {
    let object: JSONValue
    let version: CNIVersion

    /// Reads the bytes of standard input.
    ///
    /// - Throws: `CNIError` with code 6 if they are no JSON object, and with code 1 if its version is not ours.
    init(parsing bytes: [UInt8]) throws(CNIError) {
        try self.init(Self.json(bytes))
    }

    /// Reads the object.
    ///
    /// - Throws: As for the bytes.
    init(_ object: JSONValue) throws(CNIError) {
        guard case .object = object else {
            throw CNIError(.decoding, "network configuration must be an object, not \(object.kind)")
        }
        let text = try object.text("cniVersion") ?? CNIVersion.unstated.rawValue
        guard let version = CNIVersion(rawValue: text) else {
            throw CNIError(
                .incompatibleVersion,
                "incompatible CNI versions",
                details: "config is \(text.debugDescription), plugin supports \(CNIVersion.supported.map(\.rawValue))"
            )
        }
        self.object = object
        self.version = version
    }

    /// Reads JSON text.
    static func json(_ bytes: [UInt8]) throws(CNIError) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw CNIError(.decoding, "network configuration is not valid JSON", details: "\(error)")
        }
    }

    /// Returns the name of the network (CNI spec section 1, "Configuration format").
    func networkName() throws(CNIError) -> String {
        guard let name = try object.text("name") else {
            throw CNIError(.invalidConfiguration, "missing network name")
        }
        guard name.isCNIIdentifier else {
            throw CNIError(.invalidConfiguration, "invalid characters found in network name", details: name)
        }
        return name
    }

    /// The result which the runtime passed on, or nil if it is absent or null.
    var previousResult: JSONValue? {
        object.member("prevResult").flatMap { $0 == .null ? nil : $0 }
    }

    /// Returns the attachments that GC must keep (CNI spec section 2, "GC"), or nil if the runtime named none.
    ///
    /// Null counts as absent, since libcni prints a list that was never made so. Nothing else may stand for a list:
    /// what GC takes for an empty one loses every address of the node.
    ///
    /// - Throws: `CNIError` with code 6 for a value of the wrong type, and with code 7 for an entry that lacks one of the two.
    func validAttachments() throws(CNIError) -> [CNIAttachment]? {
        let key = "cni.dev/valid-attachments"
        switch object.member(key) {
        case nil, .null: return nil
        case .array(let elements):
            return try elements.map { element throws(CNIError) in
                guard case .object = element else {
                    throw CNIError(.decoding, "\"\(key)\": an entry must be an object, not \(element.kind)")
                }
                guard let containerID = try element.text("containerID"), let interfaceName = try element.text("ifname")
                else { throw CNIError(.invalidConfiguration, "\"\(key)\": an entry lacks containerID or ifname") }
                return CNIAttachment(containerID: containerID, interfaceName: interfaceName)
            }
        case .some(let other):
            throw CNIError(.decoding, "\"\(key)\" must be an array, not \(other.kind)")
        }
    }
}
