/// Checks a text against the grammar of RFC 8259, by recursive descent, to say where and why it fails.
struct JSONSyntaxChecker {
    /// How deep arrays and objects may nest: far more than any configuration does, far less than a stack holds.
    static let maximumDepth = 64

    private let bytes: [UInt8]
    private var position = 0

    /// Checks that the whole of a text is one JSON value in UTF-8.
    static func check(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        var checker = JSONSyntaxChecker(bytes: bytes)
        try checker.checkEncoding()
        checker.skipBlanks()
        guard checker.next != nil else { throw checker.fault("input is empty") }
        try checker.checkValue(depth: 0)
        checker.skipBlanks()
        guard checker.next == nil else { throw checker.fault("input goes on after the value") }
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

    private mutating func checkValue(depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.maximumDepth else { throw fault("values nest too deep") }
        guard let next else { throw fault("no value") }
        switch next {
        case UInt8(ascii: "{"): try checkObject(depth: depth)
        case UInt8(ascii: "["): try checkArray(depth: depth)
        case UInt8(ascii: "\""): try checkString()
        case UInt8(ascii: "t"): try checkWord("true")
        case UInt8(ascii: "f"): try checkWord("false")
        case UInt8(ascii: "n"): try checkWord("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try checkNumber()
        default: throw fault("no value")
        }
    }

    private mutating func checkObject(depth: Int) throws(JSONSyntaxError) {
        try checkList(from: "{", to: "}") { checker throws(JSONSyntaxError) in
            guard checker.next == UInt8(ascii: "\"") else { throw checker.fault("no key") }
            try checker.checkString()
            checker.skipBlanks()
            guard checker.skip(":") else { throw checker.fault("no colon after the key") }
            checker.skipBlanks()
            try checker.checkValue(depth: depth + 1)
        }
    }

    private mutating func checkArray(depth: Int) throws(JSONSyntaxError) {
        try checkList(from: "[", to: "]") { checker throws(JSONSyntaxError) in
            try checker.checkValue(depth: depth + 1)
        }
    }

    private mutating func checkList(
        from first: Unicode.Scalar,
        to last: Unicode.Scalar,
        checkElement: (inout JSONSyntaxChecker) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        _ = skip(first)
        skipBlanks()
        if skip(last) {
            return
        }
        repeat {
            skipBlanks()
            try checkElement(&self)
            skipBlanks()
        } while skip(",")
        guard skip(last) else { throw fault("no comma or \(last) after the value") }
    }

    private mutating func checkWord(_ word: String) throws(JSONSyntaxError) {
        guard bytes[position...].starts(with: word.utf8) else { throw fault("no value") }
        position += word.utf8.count
    }

    private mutating func checkNumber() throws(JSONSyntaxError) {
        let start = position
        _ = skip("-")
        if !skip("0") {
            try checkDigits()
        }
        if skip(".") {
            try checkDigits()
        }
        if skip("e") || skip("E") {
            _ = skip("+") || skip("-")
            try checkDigits()
        }
        let value = Double(String(decoding: bytes[start..<position], as: UTF8.self))
        guard let value, value.isFinite else {
            throw JSONSyntaxError("number is out of range", at: start, in: bytes)
        }
    }

    private mutating func checkDigits() throws(JSONSyntaxError) {
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { throw fault("no digit") }
        position = digits.endIndex
    }

    // MARK: - Strings

    private mutating func checkString() throws(JSONSyntaxError) {
        _ = skip("\"")
        while !skip("\"") {
            guard let next else { throw fault("string is not closed") }
            switch next {
            case UInt8(ascii: "\\"): try checkEscape()
            case 0..<0x20: throw fault("control character in a string")
            default: position += 1
            }
        }
    }

    private mutating func checkEscape() throws(JSONSyntaxError) {
        let start = position
        _ = skip("\\")
        guard skip("u") else {
            guard "\"\\/bfnrt".unicodeScalars.contains(where: { skip($0) }) else { throw fault("unknown escape") }
            return
        }
        let unit = try checkCodeUnit()
        // Beyond the basic plane, two escapes in a row are the surrogates of one scalar: high, then low.
        guard UTF16.isSurrogate(unit) else { return }
        guard UTF16.isLeadSurrogate(unit), skip("\\"), skip("u"), UTF16.isTrailSurrogate(try checkCodeUnit()) else {
            throw JSONSyntaxError("lone surrogate", at: start, in: bytes)
        }
    }

    private mutating func checkCodeUnit() throws(JSONSyntaxError) -> UInt16 {
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
