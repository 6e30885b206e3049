/// Reads a text by the grammar of RFC 8259, by recursive descent, and says where and why it fails.
struct JSONParser {
    /// How deep arrays and objects may nest: far more than any configuration does, far less than a stack holds.
    static let maximumDepth = 64

    private let bytes: [UInt8]
    private var position = 0

    /// Reads the whole of a text as one JSON value in UTF-8.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        try parser.checkEncoding()
        parser.skipBlanks()
        guard parser.next != nil else { throw parser.fault("input is empty") }
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.next == nil else { throw parser.fault("input goes on after the value") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func checkEncoding() throws(JSONSyntaxError) {
        let repaired = String(decoding: bytes, as: UTF8.self).utf8
        guard !repaired.elementsEqual(bytes) else { return }
        let valid = zip(bytes, repaired).prefix { $0 == $1 }.count
        throw JSONSyntaxError("input is not UTF-8", at: valid, in: bytes)
    }

    // MARK: - Values

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= Self.maximumDepth else { throw fault("values nest too deep") }
        guard let next else { throw fault("no value") }
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw fault("no value")
        }
    }

    /// Reads an object, in which a later member takes the place of an earlier one.
    ///
    /// So it does when the names differ in upper and lower case only: Go's `encoding/json` stores one member after the other
    /// in the field that its name finds, whether by its letters or by the same letters in another case.
    private mutating func members(depth: Int) throws(JSONSyntaxError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        var spellings: [String: String] = [:]
        try readList(from: "{", to: "}") { parser throws(JSONSyntaxError) in
            guard parser.next == UInt8(ascii: "\"") else { throw parser.fault("no key") }
            let name = try parser.string()
            parser.skipBlanks()
            guard parser.skip(":") else { throw parser.fault("no colon after the key") }
            parser.skipBlanks()
            let value = try parser.value(depth: depth + 1)
            if let earlier = spellings.updateValue(name, forKey: name.lowercased()) {
                members[earlier] = nil
            }
            members[name] = value
        }
        return members
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        var elements: [JSONValue] = []
        try readList(from: "[", to: "]") { parser throws(JSONSyntaxError) in
            elements.append(try parser.value(depth: depth + 1))
        }
        return elements
    }

    private mutating func readList(
        from first: Unicode.Scalar,
        to last: Unicode.Scalar,
        readElement: (inout JSONParser) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        _ = skip(first)
        skipBlanks()
        if skip(last) {
            return
        }
        repeat {
            skipBlanks()
            try readElement(&self)
            skipBlanks()
        } while skip(",")
        guard skip(last) else { throw fault("no comma or \(last) after the value") }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw fault("no value") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = skip("-")
        if !skip("0") {
            try skipDigits()
        }
        if skip(".") {
            try skipDigits()
        }
        if skip("e") || skip("E") {
            _ = skip("+") || skip("-")
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let integer = Int64(text) {
            return .integer(integer)
        }
        guard let value = Double(text), value.isFinite else {
            throw JSONSyntaxError("number is out of range", at: start, in: bytes)
        }
        return Int64(exactly: value).map { .integer($0) } ?? .number(value)
    }

    private mutating func skipDigits() throws(JSONSyntaxError) {
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { throw fault("no digit") }
        position = digits.endIndex
    }

    // MARK: - Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        _ = skip("\"")
        var text = ""
        var start = position
        while !skip("\"") {
            guard let next else { throw fault("string is not closed") }
            switch next {
            case UInt8(ascii: "\\"):
                text += String(decoding: bytes[start..<position], as: UTF8.self)
                text.unicodeScalars.append(try escape())
                start = position
            case 0..<0x20:
                throw fault("control character in a string")
            default:
                position += 1
            }
        }
        return text + String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = position
        _ = skip("\\")
        guard skip("u") else {
            guard let scalar = next.flatMap({ Self.escapes[$0] }) else { throw fault("unknown escape") }
            position += 1
            return scalar
        }
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) {
            return scalar
        }
        // Beyond the basic plane, two escapes in a row are the surrogates of one scalar: high, then low.
        guard UTF16.isLeadSurrogate(unit), skip("\\"), skip("u") else {
            throw JSONSyntaxError("lone surrogate", at: start, in: bytes)
        }
        let low = try codeUnit()
        guard UTF16.isTrailSurrogate(low) else { throw JSONSyntaxError("lone surrogate", at: start, in: bytes) }
        return UTF16.decode(UTF16.EncodedScalar([unit, low]))
    }

    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        // The integer parser would take a sign as well.
        guard digits.count == 4, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("no four hexadecimal digits") }
        position = digits.endIndex
        return unit
    }

    // MARK: - Bytes

    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while skip(" ") || skip("\n") || skip("\t") || skip("\r") {}
    }

    private func fault(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(reason, at: position, in: bytes)
    }
}
