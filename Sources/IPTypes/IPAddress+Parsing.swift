extension IPAddress {
    /// Reads an address from text: IPv4 in dotted decimal, or IPv6 in any form of RFC 4291 section 2.2.
    ///
    /// An IPv6 text may end in a dotted quad; the result stays IPv6, also for `::ffff:1.2.3.4`. Zones (`fe80::1%eth0`),
    /// blanks, and a `::` which stands for no group at all are rejected, as Go's `net/netip` does.
    ///
    /// - Parameters:
    ///   - text: The whole text, with nothing before or after the address.
    ///   - syntax: Whether IPv4 octets may have leading zeros.
    /// - Throws: `IPSyntaxError`, which names the first thing found wrong.
    public init(_ text: some StringProtocol, syntax: IPSyntax = .strict) throws(IPSyntaxError) {
        self = try IPTextParser(text, expected: "an IP address", syntax: syntax).address()
    }

    /// Reads what `fixedWidthText` writes, and nothing else.
    public init?(fixedWidthText text: some StringProtocol) {
        guard let address = try? IPAddress(text, syntax: .leadingZeros), address.fixedWidthText == text else {
            return nil
        }
        self = address
    }
}
