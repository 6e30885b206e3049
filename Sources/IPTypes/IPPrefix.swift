/// A network in CIDR form: all addresses which share their first `length` bits.
///
/// The stored network address is always masked, so that two prefixes are equal exactly if they hold the same addresses.
public struct IPPrefix: Hashable, Sendable {
    /// The network address, whose bits past `length` are zero.
    public let network: IPAddress

    /// The number of leading bits which all addresses share: 0 to the family's bit width.
    public let length: Int

    /// Makes the prefix of a length around an address, or nil if the length is negative or over the family's bit width.
    public init?(containing address: IPAddress, length: Int) {
        guard (0...address.family.bitWidth).contains(length) else { return nil }
        self.init(masking: address, validLength: length)
    }

    /// Makes the prefix around an address, for a length which is known to fit the family.
    init(masking address: IPAddress, validLength length: Int) {
        let hostMask = address.family.maximum >> length
        self.network = IPAddress(family: address.family, truncating: address.value & ~hostMask)
        self.length = length
    }

    /// The family of all addresses in the prefix.
    public var family: IPFamily {
        network.family
    }

    /// The lowest address, which is `network`.
    public var first: IPAddress {
        network
    }

    /// The highest address: in IPv4, the broadcast address of networks shorter than /31.
    public var last: IPAddress {
        IPAddress(family: family, truncating: network.value | family.maximum >> length)
    }

    /// All addresses from `first` to `last`.
    public var range: IPRange {
        IPRange(ordered: first, last)
    }

    /// Returns whether an address is in the prefix; one of the other family never is.
    public func contains(_ address: IPAddress) -> Bool {
        range.contains(address)
    }

    /// Returns whether all addresses of another prefix are in this one.
    public func contains(_ other: IPPrefix) -> Bool {
        length <= other.length && contains(other.network)
    }

    /// Returns whether the two prefixes share an address, which means that one contains the other.
    public func overlaps(_ other: IPPrefix) -> Bool {
        contains(other) || other.contains(self)
    }
}

extension IPPrefix: CustomStringConvertible {
    /// The canonical text of the network, a slash, and the length: `192.168.2.224/28`.
    public var description: String {
        "\(network)/\(length)"
    }
}
