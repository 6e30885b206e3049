/// The members of a JSON object by their exact names and by type, for what programs have written.
///
/// What is absent or null is missing; members that nobody asks for do not matter.
public struct JSONObject: Hashable, Sendable {
    private let members: [String: JSONValue]

    /// Takes the members of a value.
    ///
    /// - Throws: `JSONShapeError` if the value is no object.
    public init(_ value: JSONValue) throws(JSONShapeError) {
        guard case .object(let members) = value else { throw JSONShapeError(value.kind, isNot: "an object") }
        self.members = members
    }

    /// Reads the text of an object.
    ///
    /// - Throws: `JSONShapeError` if it is not JSON, or no object.
    public init(parsing bytes: [UInt8]) throws(JSONShapeError) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw JSONShapeError("text", isNot: "JSON (\(error))")
        }
        try self.init(value)
    }

    /// Returns a member's text.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func string(_ name: String) throws(JSONShapeError) -> String {
        guard let text = try stringIfPresent(name) else { throw JSONShapeError(missing: name) }
        return text
    }

    /// Returns a member's text, or nil if it is missing.
    ///
    /// - Throws: `JSONShapeError` if it is something else.
    public func stringIfPresent(_ name: String) throws(JSONShapeError) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .string(let text): return text
        case .some: throw JSONShapeError("\"\(name)\"", isNot: "a string")
        }
    }

    /// Returns a member's whole number.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func integer(_ name: String) throws(JSONShapeError) -> Int64 {
        guard let integer = try integerIfPresent(name) else { throw JSONShapeError(missing: name) }
        return integer
    }

    /// Returns a member's whole number, or nil if it is missing.
    ///
    /// - Throws: `JSONShapeError` if it is something else.
    public func integerIfPresent(_ name: String) throws(JSONShapeError) -> Int64? {
        switch members[name] {
        case nil, .null: return nil
        case .integer(let integer): return integer
        case .some: throw JSONShapeError("\"\(name)\"", isNot: "a whole number")
        }
    }

    /// Returns a member's texts.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func strings(_ name: String) throws(JSONShapeError) -> [String] {
        guard let member = members[name], member != .null else { throw JSONShapeError(missing: name) }
        guard let texts = member.strings else { throw JSONShapeError("\"\(name)\"", isNot: "a list of strings") }
        return texts
    }

    /// Returns a member's members.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func object(_ name: String) throws(JSONShapeError) -> JSONObject {
        guard let object = try objectIfPresent(name) else { throw JSONShapeError(missing: name) }
        return object
    }

    /// Returns a member's members, or nil if it is missing.
    ///
    /// - Throws: `JSONShapeError` if it is something else.
    public func objectIfPresent(_ name: String) throws(JSONShapeError) -> JSONObject? {
        switch members[name] {
        case nil, .null: return nil
        case .object(let members): return try JSONObject(.object(members))
        case .some: throw JSONShapeError("\"\(name)\"", isNot: "an object")
        }
    }
}
