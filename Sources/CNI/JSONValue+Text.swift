internal import JSON

extension JSONValue {
    /// Returns the text of an object's member, or nil if it is absent, null or empty, which Go takes for the same.
    ///
    /// - Throws: `CNIError` with code 6 if the member is something else.
    func text(_ name: String) throws(CNIError) -> String? {
        switch member(name) {
        case nil, .null, .string(""): return nil
        case .string(let text): return text
        case .some(let other): throw CNIError(.decoding, "\"\(name)\" must be a string, not \(other.kind)")
        }
    }
}
