extension JSONValue {
    /// Reads UTF-8 JSON text, by the letter of RFC 8259.
    ///
    /// Of members of one object whose names are equal but for upper and lower case the last counts, as with Go's decoder.
    ///
    /// - Throws: `JSONSyntaxError`, which holds no part of the input.
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        self = try JSONParser.parse(bytes)
    }
}
