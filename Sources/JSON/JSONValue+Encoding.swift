extension JSONValue {
    /// Returns the value as UTF-8 JSON text without blanks, members in the order of their names' bytes.
    ///
    /// Solidi are not escaped. A number that is not finite, for which JSON has no text, is written as null.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(hasLines: false)
        writer.write(self)
        return writer.bytes
    }

    /// Returns the value as `encoded()` does, with lines and blanks for people, and a line break at its end.
    public func encodedInLines() -> [UInt8] {
        var writer = JSONWriter(hasLines: true)
        writer.write(self)
        return writer.bytes + Array("\n".utf8)
    }
}
