import JSON

extension CNIError {
    /// Returns the JSON object of the error, without `details` if there are none.
    public func encoded(for version: CNIVersion) -> [UInt8] {
        var object: [String: JSONValue] = [
            "cniVersion": .string(version.rawValue), "code": .integer(Int64(code.rawValue)), "msg": .string(message),
        ]
        object["details"] = details.isEmpty ? nil : .string(details)
        return JSONValue.object(object).encoded()
    }
}
