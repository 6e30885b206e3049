package import JSON

extension JSONValue {
    /// The text at a path of members; nil where there is none.
    package func text(_ path: String...) -> String? {
        var value: JSONValue? = self
        for name in path { value = value?.member(name) }
        guard case .string(let text)? = value else { return nil }
        return text
    }
}
