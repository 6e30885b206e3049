extension IPPrefix {
    /// Reads a prefix such as `192.168.2.225/28`, whose host bits are masked.
    ///
    /// - Parameters:
    ///   - text: An address, a slash, and the length in decimal digits without sign or leading zeros.
    ///   - syntax: Whether IPv4 octets may have leading zeros.
    /// - Throws: `IPSyntaxError`, which names the first thing found wrong.
    public init(_ text: some StringProtocol, syntax: IPSyntax = .strict) throws(IPSyntaxError) {
        let parser = IPTextParser(text, expected: "an IP prefix", syntax: syntax)
        let (address, length) = try parser.addressAndPrefixLength()
        self.init(masking: address, validLength: length)
    }
}
