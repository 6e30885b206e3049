/// An address as an interface has it: together with the prefix of its network, host bits kept.
public struct InterfaceAddress: Hashable, Sendable {
    /// The address of the interface.
    public let address: IPAddress

    /// The network which the address is in.
    public let prefix: IPPrefix

    /// Makes the pair, or nil if the length is negative or over the family's bit width.
    public init?(_ address: IPAddress, prefixLength: Int) {
        guard let prefix = IPPrefix(containing: address, length: prefixLength) else { return nil }
        self.address = address
        self.prefix = prefix
    }

    /// Makes an address which is alone in its network: a /32 or /128.
    public init(host address: IPAddress) {
        self.init(address, validLength: address.family.bitWidth)
    }

    /// Makes the pair, for a length which is known to fit the family.
    init(_ address: IPAddress, validLength: Int) {
        self.address = address
        self.prefix = IPPrefix(masking: address, validLength: validLength)
    }

    /// The prefix length of the network.
    public var prefixLength: Int {
        prefix.length
    }
}

extension InterfaceAddress: CustomStringConvertible {
    /// The canonical text of the address, a slash, and the prefix length: `192.168.2.225/28`.
    public var description: String {
        "\(address)/\(prefixLength)"
    }
}
