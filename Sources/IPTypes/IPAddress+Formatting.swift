extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted decimal for IPv4, RFC 5952 for IPv6.
    ///
    /// IPv4-mapped addresses (`::ffff:0:0/96`) end in a dotted quad, as RFC 5952 section 5 recommends.
    public var description: String {
        switch family {
        case .ipv4:
            dottedQuad
        case .ipv6 where value >> 32 == 0xffff:
            "::ffff:" + dottedQuad
        case .ipv6:
            compressedGroups
        }
    }

    /// Text of constant length whose byte order is the numeric order within a family.
    ///
    /// IPv4 takes 15 characters, three digits to an octet (`192.168.002.225`); IPv6 takes 39, eight groups of four
    /// lowercase hexadecimal digits. As a key, it sorts in a store as the addresses do.
    public var fixedWidthText: String {
        switch family {
        case .ipv4: Self.text(octets, radix: 10, width: 3, separator: ".")
        case .ipv6: Self.text(groups, radix: 16, width: 4, separator: ":")
        }
    }

    private var dottedQuad: String {
        Self.text(octets, radix: 10, separator: ".")
    }

    private var compressedGroups: String {
        let groups = groups
        guard let gap = longestZeroRun else { return Self.text(groups, radix: 16, separator: ":") }
        return Self.text(groups[..<gap.lowerBound], radix: 16, separator: ":") + "::"
            + Self.text(groups[gap.upperBound...], radix: 16, separator: ":")
    }

    /// The groups which `::` replaces: the first of the longest runs of zeros, if that has two groups or more.
    private var longestZeroRun: Range<Int>? {
        let groups = groups
        var longest = 0..<1
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest.count > 1 ? longest : nil
    }

    /// The low 32 bits as four octets, the highest first.
    private var octets: ArraySlice<UInt16> {
        [UInt16(value >> 24 & 0xff), UInt16(value >> 16 & 0xff), UInt16(value >> 8 & 0xff), UInt16(value & 0xff)]
    }

    /// All 128 bits as eight groups, the highest first.
    private var groups: ArraySlice<UInt16> {
        var groups: ArraySlice<UInt16> = []
        for shift in stride(from: 112, through: 0, by: -16) {
            groups.append(UInt16(truncatingIfNeeded: value >> shift))
        }
        return groups
    }

    /// Numbers with a separator between, each padded with zeros to a width.
    ///
    /// By hand, because this makes all keys of a transaction, and generic code for texts is an order of magnitude slower in a process
    /// that uses each piece of it for the first time.
    private static func text(
        _ numbers: ArraySlice<UInt16>,
        radix: UInt16,
        width: Int = 1,
        separator: Unicode.Scalar
    ) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40)
        for number in numbers {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: separator)) }
            let start = bytes.count
            var rest = number
            repeat {
                let digit = UInt8(rest % radix)
                bytes.insert(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10, at: start)
                rest /= radix
            } while rest > 0 || bytes.count - start < width
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
