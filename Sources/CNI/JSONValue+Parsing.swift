import FoundationEssentials

extension JSONValue {
    /// Reads UTF-8 JSON text, by the letter of RFC 8259.
    ///
    /// Of equal keys in one object the first counts.
    ///
    /// - Throws: `JSONSyntaxError`, which holds no part of the input.
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        // JSONDecoder alone tells neither place nor reason of a fault, and takes UTF-16 and trailing commas.
        try JSONSyntaxChecker.check(bytes)
        do {
            self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        } catch {
            throw JSONSyntaxError(reason: "value cannot be represented", line: 1, column: 1)
        }
    }
}

extension JSONValue: Decodable {
    /// Takes whatever value the decoder is at.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let members = try? container.decode([String: JSONValue].self) {
            self = .object(members)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }
}
