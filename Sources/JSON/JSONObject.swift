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
        try required(name, stringIfPresent(name))
    }

    /// Returns a member's text, or nil if it is missing.
    ///
    /// - Throws: `JSONShapeError` if it is something else.
    public func stringIfPresent(_ name: String) throws(JSONShapeError) -> String? {
        try member(name, "a string") { if case .string(let text) = $0 { text } else { nil } }
    }

    /// Returns a member's whole number.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func integer(_ name: String) throws(JSONShapeError) -> Int64 {
        try required(name, integerIfPresent(name))
    }

    /// Returns a member's whole number, or nil if it is missing.
    ///
    /// - Throws: `JSONShapeError` if it is something else.
    public func integerIfPresent(_ name: String) throws(JSONShapeError) -> Int64? {
        try member(name, "a whole number") { if case .integer(let integer) = $0 { integer } else { nil } }
    }

    /// Returns a member's texts.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func strings(_ name: String) throws(JSONShapeError) -> [String] {
        try required(name, member(name, "a list of strings", { $0.strings }))
    }

    /// Returns the objects of a member that is a list.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func objects(_ name: String) throws(JSONShapeError) -> [JSONObject] {
        let elements: [JSONValue] = try required(
            name,
            member(name, "a list of objects") { if case .array(let list) = $0 { list } else { nil } }
        )
        return try elements.map { element throws(JSONShapeError) in try JSONObject(element) }
    }

    /// Returns a member's members.
    ///
    /// - Throws: `JSONShapeError` if it is missing or something else.
    public func object(_ name: String) throws(JSONShapeError) -> JSONObject {
        try required(name, objectIfPresent(name))
    }

    /// Returns a member's members, or nil if it is missing.
    ///
    /// - Throws: `JSONShapeError` if it is something else.
    public func objectIfPresent(_ name: String) throws(JSONShapeError) -> JSONObject? {
        try member(name, "an object") { try? JSONObject($0) }
    }

    /// What a member reads as, or nil if it is missing.
    private func member<Value>(
        _ name: String,
        _ expected: String,
        _ read: (JSONValue) -> Value?
    ) throws(JSONShapeError) -> Value? {
        guard let member = members[name], member != .null else { return nil }
        guard let value = read(member) else { throw JSONShapeError("\"\(name)\"", isNot: expected) }
        return value
    }

    private func required<Value>(_ name: String, _ value: Value?) throws(JSONShapeError) -> Value {
        guard let value else { throw JSONShapeError(missing: name) }
        return value
    }
}
