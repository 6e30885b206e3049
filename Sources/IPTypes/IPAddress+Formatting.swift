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
        case .ipv4: octets.map { Self.padded(String($0), to: 3) }.joined(separator: ".")
        case .ipv6: groups.map { Self.padded(String($0, radix: 16), to: 4) }.joined(separator: ":")
        }
    }

    private var dottedQuad: String {
        octets.map(String.init).joined(separator: ".")
    }

    private var compressedGroups: String {
        let groups = groups.map { String($0, radix: 16) }
        guard let gap = longestZeroRun else { return groups.joined(separator: ":") }
        let (head, tail) = (groups[..<gap.lowerBound], groups[gap.upperBound...])
        return head.joined(separator: ":") + "::" + tail.joined(separator: ":")
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
    private var octets: [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// All 128 bits as eight groups, the highest first.
    private var groups: [UInt16] {
        stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: value >> $0) }
    }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
