/// The grammar of addresses and prefix lengths over the bytes of one text, which every error names whole.
struct IPTextParser {
    private let text: String
    private let expected: String
    private let syntax: IPSyntax

    /// Makes a parser of a text.
    ///
    /// - Parameters:
    ///   - text: The whole text, of which nothing may be left over.
    ///   - expected: What the text should be, as errors call it: "an IP address".
    ///   - syntax: Whether IPv4 octets may have leading zeros.
    init(_ text: some StringProtocol, expected: String, syntax: IPSyntax) {
        self.text = String(text)
        self.expected = expected
        self.syntax = syntax
    }

    /// Reads the text as one address.
    func address() throws(IPSyntaxError) -> IPAddress {
        try checkBlanks()
        return try address(Array(text.utf8)[...])
    }

    /// Reads the text as an address and a prefix length which fits its family, with a slash between them.
    func addressAndPrefixLength() throws(IPSyntaxError) -> (IPAddress, Int) {
        try checkBlanks()
        let bytes = Array(text.utf8)
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            throw error(bytes.isEmpty ? "it is empty" : "it has no prefix length, such as /24")
        }
        let address = try address(bytes[..<slash])
        let length = bytes[(slash + 1)...]
        guard let number = decimal(length), number <= address.family.bitWidth, !hasLeadingZero(length) else {
            throw error("the prefix length must be 0 to \(address.family.bitWidth), without leading zeros")
        }
        return (address, number)
    }

    /// Names blanks, which are hard to see in the text itself.
    private func checkBlanks() throws(IPSyntaxError) {
        guard text.contains(where: \.isWhitespace) else { return }
        if text.last?.isWhitespace == true {
            throw error("it ends with a blank")
        }
        throw error(text.first?.isWhitespace == true ? "it begins with a blank" : "it has a blank in it")
    }

    private func address(_ bytes: ArraySlice<UInt8>) throws(IPSyntaxError) -> IPAddress {
        if bytes.contains(UInt8(ascii: ":")) {
            return try IPAddress(v6: ipv6(bytes))
        }
        if bytes.contains(UInt8(ascii: ".")) {
            return try IPAddress(v4: ipv4(bytes))
        }
        throw error(bytes.isEmpty ? "it is empty" : "it has neither the dots of IPv4 nor the colons of IPv6")
    }

    // MARK: IPv4

    private func ipv4(_ bytes: ArraySlice<UInt8>) throws(IPSyntaxError) -> UInt32 {
        let octets = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard octets.count == 4 else { throw error("it has \(octets.count) octets, not 4") }
        var value: UInt32 = 0
        for (index, octet) in octets.enumerated() {
            guard let number = decimal(octet) else { throw error("octet \(index + 1) is not a decimal number") }
            guard number <= 255 else { throw error("octet \(index + 1) is over 255") }
            guard syntax == .leadingZeros || !hasLeadingZero(octet) else {
                throw error("octet \(index + 1) has a leading zero")
            }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    // MARK: IPv6

    private func ipv6(_ bytes: ArraySlice<UInt8>) throws(IPSyntaxError) -> UInt128 {
        guard !bytes.contains(UInt8(ascii: "%")) else { throw error("zones are not supported") }
        let groups: [UInt16]
        if let gap = firstDoubleColon(bytes) {
            let head = bytes[..<gap]
            let tail = bytes[(gap + 2)...]
            let high = head.isEmpty ? [] : try self.groups(head)
            let low = tail.isEmpty ? [] : try self.groups(tail, mayEndInDottedQuad: true)
            // Go and RFC 5952 section 4.2.2 agree that `::` is for groups that are there.
            guard high.count + low.count < 8 else {
                throw error("it has \(high.count + low.count) groups, which leaves none for \"::\" to stand for")
            }
            groups = high + Array(repeating: 0, count: 8 - high.count - low.count) + low
        } else {
            groups = try self.groups(bytes, mayEndInDottedQuad: true)
            guard groups.count == 8 else { throw error("it has \(groups.count) groups, not 8") }
        }
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private func groups(
        _ bytes: ArraySlice<UInt8>,
        mayEndInDottedQuad: Bool = false
    ) throws(IPSyntaxError) -> [UInt16] {
        let texts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, text) in texts.enumerated() {
            if mayEndInDottedQuad, index == texts.count - 1, text.contains(UInt8(ascii: ".")) {
                let quad = try ipv4(text)
                groups += [UInt16(quad >> 16), UInt16(quad & 0xffff)]
            } else {
                groups.append(try group(text))
            }
        }
        return groups
    }

    private func group(_ bytes: ArraySlice<UInt8>) throws(IPSyntaxError) -> UInt16 {
        guard !bytes.isEmpty else {
            throw error("a group is empty, and only one \"::\" may stand for missing groups")
        }
        var value: UInt16 = 0
        for byte in bytes {
            guard bytes.count <= 4, let digit = hexadecimalDigit(byte) else {
                let group = String(decoding: bytes, as: UTF8.self).debugDescription
                throw error("\(group) is not a group of 1 to 4 hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private func firstDoubleColon(_ bytes: ArraySlice<UInt8>) -> Int? {
        zip(bytes.indices, zip(bytes, bytes.dropFirst()))
            .first { _, pair in pair == (UInt8(ascii: ":"), UInt8(ascii: ":")) }?.0
    }

    // MARK: Digits

    /// The value of decimal digits, of which there is at least one; saturates at 1000, which is past every bound here.
    private func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for digit in digits {
            guard let digit = hexadecimalDigit(digit), digit < 10 else { return nil }
            value = min(1000, value * 10 + Int(digit))
        }
        return value
    }

    private func hasLeadingZero(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.count > 1 && digits.first == UInt8(ascii: "0")
    }

    private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private func error(_ reason: String) -> IPSyntaxError {
        IPSyntaxError(text: text, expected: expected, reason: reason)
    }
}
