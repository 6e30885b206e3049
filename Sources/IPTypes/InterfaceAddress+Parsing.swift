extension InterfaceAddress {
    /// Reads an address with its prefix length such as `192.168.2.225/28`, whose host bits are kept.
    ///
    /// - Parameters:
    ///   - text: An address, a slash, and the length in decimal digits without sign or leading zeros.
    ///   - syntax: Whether IPv4 octets may have leading zeros.
    /// - Throws: `IPSyntaxError`, which names the first thing found wrong.
    public init(_ text: some StringProtocol, syntax: IPSyntax = .strict) throws(IPSyntaxError) {
        let parser = IPTextParser(text, expected: "an IP address with a prefix length", syntax: syntax)
        let (address, length) = try parser.addressAndPrefixLength()
        self.init(address, validLength: length)
    }
}
