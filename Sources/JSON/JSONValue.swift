/// Any JSON value, for input of which only parts are understood.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction which fits, however it is written: `1.0` and `1e0` are 1.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// What sort of value it is, with its article, for messages: "a string".
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Returns the value of an object's member, or nil if there is none or this is no object.
    ///
    /// If none is equal, upper and lower case are the same, as for Go's `encoding/json`; a text that was parsed has one such
    /// member at most, its last.
    public func member(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        if let exact = members[name] {
            return exact
        }
        let folded = name.lowercased()
        return members.filter { $0.key.lowercased() == folded }.min { $0.key < $1.key }?.value
    }

    /// The texts of an array of strings; nil for anything else.
    public var strings: [String]? {
        guard case .array(let elements) = self else { return nil }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { return nil }
            texts.append(text)
        }
        return texts
    }
}
