extension CNIError {
    /// Returns the JSON object of the error, without `details` if there are none.
    public func encoded(for version: CNIVersion) -> [UInt8] {
        let object = ErrorObject(
            cniVersion: version,
            code: code.rawValue,
            msg: message,
            details: details.isEmpty ? nil : details
        )
        // Two texts and two numbers always encode; the literal is here so that a failure is never silent.
        let fallback = #"{"cniVersion":"\#(version)","code":\#(code.rawValue),"msg":"error text cannot be encoded"}"#
        return (try? object.compactJSON()) ?? Array(fallback.utf8)
    }
}

/// The error in its JSON shape.
private struct ErrorObject: Encodable {
    let cniVersion: CNIVersion
    let code: Int
    let msg: String
    let details: String?
}
