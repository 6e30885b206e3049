/// Writes a value as text, members in the order of their names' bytes.
struct JSONWriter {
    /// What has been written, in UTF-8.
    private(set) var bytes: [UInt8] = []
    /// Whether each member and each element has a line of its own.
    let hasLines: Bool

    mutating func write(_ value: JSONValue, depth: Int = 0) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let isTrue): bytes += (isTrue ? "true" : "false").utf8
        case .integer(let integer): bytes += String(integer).utf8
        // RFC 8259 section 6 has no infinity.
        case .number(let number): bytes += (number.isFinite ? number.description : "null").utf8
        case .string(let text): write(text)
        case .array(let elements):
            writeList("[", elements.count, "]", depth: depth) { writer, index in
                writer.write(elements[index], depth: depth + 1)
            }
        case .object(let object):
            let members = object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            writeList("{", members.count, "}", depth: depth) { writer, index in
                writer.write(members[index].key)
                writer.bytes += (writer.hasLines ? ": " : ":").utf8
                writer.write(members[index].value, depth: depth + 1)
            }
        }
    }

    private mutating func writeList(
        _ first: String,
        _ count: Int,
        _ last: String,
        depth: Int,
        writeItem: (inout JSONWriter, Int) -> Void
    ) {
        bytes += first.utf8
        for index in 0..<count {
            if index > 0 { bytes += ",".utf8 }
            breakLine(depth + 1)
            writeItem(&self, index)
        }
        if count > 0 { breakLine(depth) }
        bytes += last.utf8
    }

    private mutating func breakLine(_ depth: Int) {
        guard hasLines else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes += "  ".utf8 }
    }

    /// Writes a text, with escapes for what RFC 8259 section 7 does not let stand, and for nothing else.
    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += #"\""#.utf8
            case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
            case 0x08: bytes += #"\b"#.utf8
            case 0x09: bytes += #"\t"#.utf8
            case 0x0a: bytes += #"\n"#.utf8
            case 0x0c: bytes += #"\f"#.utf8
            case 0x0d: bytes += #"\r"#.utf8
            case 0..<0x20:
                bytes += #"\u00"#.utf8
                bytes.append(UInt8(ascii: "0") + byte >> 4)
                bytes.append(Self.digits[Int(byte & 0xf)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
